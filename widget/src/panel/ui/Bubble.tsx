import { Component } from 'preact';
import type { Translate } from '../i18n';
import { linkify } from '../linkify';
import type { Message } from '../timeline';
import { clock, full } from '../times';
import { useHere } from './context';
import { Icon } from './Icon';

const TICKS = { sending: 'clock', stored: 'check', delivered: 'checks', read: 'checks', failed: 'alert' } as const;

/** Drawn again only when something in it changed: the list is made anew with every event, and may be long. */
export class Bubble extends Component<{ message: Message }> {
  override shouldComponentUpdate({ message }: { message: Message }): boolean {
    return (Object.keys(message) as (keyof Message)[]).some((field) => message[field] !== this.props.message[field]);
  }

  override render() {
    return <Drawn message={this.props.message} />;
  }
}

function Drawn({ message }: { message: Message }) {
  const { t, language } = useHere();
  const own = message.side === 'visitor';
  const { state, at } = message;
  return (
    <div
      class={`message ${message.side} ${state}${message.startsGroup ? ' starts' : ''}${message.endsGroup ? ' ends' : ''}`}
      data-testid="message"
      data-side={message.side}
      data-state={state}
      data-seq={message.seq ?? ''}
    >
      {message.startsGroup && !own && <p class="name">{message.name ?? t('shop')}</p>}
      {own && <span class="hidden">{t('you')}: </span>}
      <div class={message.retracted ? 'bubble gone' : 'bubble'} title={full(at, language)}>
        {message.retracted ? t('retracted') : <Text text={message.text} />}
      </div>
      <p class={message.endsGroup || state === 'failed' ? 'meta' : 'meta hidden'}>
        {message.edited && <span>{t('edited')} · </span>}
        {state === 'failed' ? <span class="why">{why(message, t)}</span> : <time dateTime={new Date(at).toISOString()}>{clock(at, language)}</time>}
        {own && (
          <span class="tick">
            <Icon name={TICKS[state]} size={14} />
            <span class="hidden">{t(state)}</span>
          </span>
        )}
      </p>
      {state === 'failed' && <Rescue message={message} />}
    </div>
  );
}

function Text({ text }: { text: string }) {
  return (
    <>
      {linkify(text).map((piece, i) =>
        piece.href ? (
          <a key={i} href={piece.href} target="_blank" rel="noopener noreferrer nofollow ugc">
            {piece.text}
          </a>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}

/** What can be done about a message that was refused for good. */
function Rescue({ message }: { message: Message }) {
  const { t, session } = useHere();
  const id = message.id ?? '';
  const edit = (): void => {
    session.edit(id, message.text);
  };
  return (
    <p class="rescue">
      <button type="button" data-testid="resend" onClick={() => session.resend(id)}>
        {t('resend')}
      </button>
      <button type="button" data-testid="edit" onClick={edit}>
        {t('edit')}
      </button>
      <button type="button" data-testid="drop" onClick={() => session.drop(id)}>
        {t('drop')}
      </button>
    </p>
  );
}

function why({ err }: Message, t: Translate): string {
  if (err?.code === 'too_large') return `${t('failed')}. ${t('failedTooLarge')}`;
  if (err?.code === 'conflict') return `${t('failed')}. ${t('failedConflict')}`;
  return `${t('failed')}. ${t('failedOther')}`;
}
