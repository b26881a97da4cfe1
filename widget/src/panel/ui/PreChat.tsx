import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { State } from '../state';
import { useHere } from './context';
import { Field } from './Field';
import { EMAIL, faultsOf } from './OfflineForm';

type Name = 'name' | 'email' | 'text';

/** What the shop asks before the first message. */
export function PreChat({ state }: { state: State }) {
  const { t, session } = useHere();
  const { site, visitor, kept, limit } = state;
  const asked = site!.prechat!;
  const [form, setForm] = useState<Record<Name, string>>({ name: visitor?.name ?? '', email: visitor?.email ?? '', text: kept.draft ?? '' });
  const [faults, setFaults] = useState<Partial<Record<Name, string>>>({});
  const [state_, setState] = useState<'' | 'sending' | 'failed'>('');
  const element = useRef<HTMLFormElement>(null);
  const sending = state_ === 'sending';

  useLayoutEffect(() => {
    if (state.focus && !matchMedia('(pointer: coarse)').matches) element.current?.querySelector<HTMLElement>('input, textarea')?.focus();
  }, [state.focus]);

  const change = (field: Name, value: string): void => {
    setForm({ ...form, [field]: value });
    setFaults({ ...faults, [field]: undefined });
    if (field === 'text') session.keep('draft', value || null);
  };

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { name, email, text } = { name: form.name.trim(), email: form.email.trim(), text: form.text.trim() };
    const over = [...text].length - limit;
    const found: typeof faults = {
      ...(asked.name === 'required' && !name && { name: t('needName') }),
      ...((email || asked.email === 'required') && asked.email !== 'off' && !EMAIL.test(email) && { email: t('needEmail') }),
      ...(asked.question && !text && { text: t('needText') }),
      ...(over > 0 && { text: t('tooLong', { count: over, limit }) }),
    };
    setFaults(found);
    const [bad] = Object.keys(found);
    if (bad) return element.current?.querySelector<HTMLElement>(`[name="${bad}"]`)?.focus();
    setState('sending');
    const err = await session.introduce({ name: asked.name === 'off' ? '' : name, email: asked.email === 'off' ? '' : email, text: asked.question ? text : '' });
    if (!err) return;
    setState('failed');
    setFaults(faultsOf(err, t));
  };

  const label = (name: 'name' | 'email'): string => (asked[name] === 'optional' ? t('optional', { label: t(name) }) : t(name));
  return (
    <form class="offline" data-testid="prechat-form" ref={element} onSubmit={submit} noValidate>
      <h2>{t('prechatTitle')}</h2>
      <p class="intro" dir="auto">
        {site?.texts?.prechat_intro || site?.texts?.greeting || site?.greeting || t('greeting')}
      </p>
      {asked.name !== 'off' && (
        <Field name="name" label={label('name')} fault={faults.name} disabled={sending}>
          {(props) => <input {...props} data-testid="prechat-name" autoComplete="name" maxLength={120} value={form.name} onInput={(e) => change('name', e.currentTarget.value)} />}
        </Field>
      )}
      {asked.email !== 'off' && (
        <Field name="email" label={label('email')} fault={faults.email} disabled={sending}>
          {(props) => (
            <input {...props} type="email" data-testid="prechat-email" autoComplete="email" inputMode="email" value={form.email} onInput={(e) => change('email', e.currentTarget.value)} />
          )}
        </Field>
      )}
      {asked.question && (
        <Field name="text" label={t('yourQuestion')} fault={faults.text} disabled={sending}>
          {(props) => <textarea {...props} rows={4} data-testid="prechat-text" value={form.text} onInput={(e) => change('text', e.currentTarget.value)} />}
        </Field>
      )}
      <p class="fault" role="alert">
        {state_ === 'failed' && !Object.values(faults).some(Boolean) ? t('startFailed') : ''}
      </p>
      <button type="submit" class="primary" data-testid="prechat-send" disabled={sending || !state.up}>
        {t('start')}
      </button>
    </form>
  );
}
