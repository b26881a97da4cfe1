import { useState } from 'preact/hooks';
import { emptyLog, take } from '../log';
import type { State } from '../state';
import { fold } from '../timeline';
import { transcript } from '../transcript';
import { useHere } from './context';
import { wholeLog } from './Conversations';
import { Field } from './Field';
import { EMAIL } from './OfflineForm';
import { save, Sheet } from './Sheet';

/** The conversation as a file, or by mail to an address that the visitor has shown to be theirs. */
export function SaveConversation({ state }: { state: State }) {
  const { t, language, session } = useHere();
  const { conversation, site, visitor } = state;
  const [email, setEmail] = useState(visitor?.email ?? '');
  const [code, setCode] = useState('');
  const [step, setStep] = useState<'address' | 'code' | 'sent'>('address');
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  if (!conversation) return null;

  const download = async (): Promise<void> => {
    const entries = await wholeLog(session, conversation.channel);
    if (!entries) return setFault(t('loadFailed'));
    const { log } = take(emptyLog(conversation.id, conversation.channel), entries);
    const text = transcript(fold(log, { delivered: 0, read: 0 }), site?.name ?? '', language, t);
    save(`chat-${new Date(conversation.created_at).toISOString().slice(0, 10)}.txt`, 'text/plain;charset=utf-8', text);
  };

  const mail = async (): Promise<string> => {
    const sent = await session.request('transcript.mail', { conversation: conversation.id });
    if (!sent?.ok) return t('mailFailed');
    setStep('sent');
    return '';
  };

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (step === 'address' && !EMAIL.test(email.trim())) return setFault(t('needEmail'));
    setBusy(true);
    setFault(await next());
    setBusy(false);
  };

  const next = async (): Promise<string> => {
    // The shop vouches for who is identified: no code is needed then.
    if (visitor?.identified && visitor.email) return mail();
    const answer = await session.request('email.confirm', { email: email.trim(), ...(step === 'code' && { code: code.trim() }) });
    if (!answer?.ok) return step === 'code' && answer?.err?.code === 'invalid' ? t('codeWrong') : t('mailFailed');
    if (step === 'code') return mail();
    setStep('code');
    return '';
  };

  return (
    <Sheet title={t('transcript')}>
      <div class="body">
        <p class="intro">{t('transcriptHint')}</p>
        <button type="button" class="primary" data-testid="transcript-save" onClick={download}>
          {t('transcriptSave')}
        </button>
        <hr />
        {step === 'sent' ? (
          <p role="status" data-testid="transcript-sent">
            {t('transcriptSent', { email: email || (visitor?.email ?? '') })}
          </p>
        ) : (
          <form onSubmit={submit} noValidate>
            <h3>{t('transcriptMail')}</h3>
            {step === 'address' ? (
              <Field name="email" label={t('email')} fault={fault} disabled={busy || !!(visitor?.identified && visitor.email)}>
                {(props) => (
                  <input {...props} type="email" data-testid="transcript-email" autoComplete="email" inputMode="email" value={email} onInput={(e) => setEmail(e.currentTarget.value)} />
                )}
              </Field>
            ) : (
              <>
                <p class="intro" role="status">
                  {t('codeSent', { email })}
                </p>
                <Field name="code" label={t('code')} fault={fault} disabled={busy}>
                  {(props) => (
                    <input {...props} data-testid="transcript-code" autoComplete="one-time-code" inputMode="numeric" maxLength={6} value={code} onInput={(e) => setCode(e.currentTarget.value)} />
                  )}
                </Field>
              </>
            )}
            <button type="submit" class="second" data-testid="transcript-mail" disabled={busy || !state.up}>
              {t(step === 'code' ? 'confirm' : visitor?.identified && visitor.email ? 'transcriptMail' : 'sendCode')}
            </button>
          </form>
        )}
      </div>
    </Sheet>
  );
}
