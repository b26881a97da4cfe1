import { Component } from 'preact';
import type { AttachmentLink } from '../../shared/wire';
import type { Translate } from '../i18n';
import { linkify } from '../linkify';
import type { Message } from '../timeline';
import { clock, fileSize, full } from '../times';
import { Attachment } from './Attachment';
import { Card } from './Card';
import { useHere, type Surroundings } from './context';
import { Face } from './Face';
import { Icon } from './Icon';

const TICKS = { sending: 'clock', stored: 'check', delivered: 'checks', read: 'checks', failed: 'alert' } as const;

interface Props {
  message: Message;
  link: AttachmentLink | undefined;
  photo: string | null | undefined;
}

/** Drawn again only when something in it changed (the list keeps the objects of what did not). */
export class Bubble extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return next.message !== this.props.message || next.link !== this.props.link || next.photo !== this.props.photo;
  }

  override render() {
    return <Drawn {...this.props} />;
  }
}

function Drawn({ message, link, photo }: Props) {
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
      {message.startsGroup && !own && (
        <p class="name">
          {message.name ?? t('shop')}
          {message.automatic && <span class="automatic" data-testid="automatic">{t('automatic')}</span>}
        </p>
      )}
      {own && <span class="hidden">{t('you')}: </span>}
      {message.endsGroup && !own && <Face size="small" name={message.name ?? t('shop')} photo={photo} />}
      <Content message={message} link={link} title={full(at, language)} />
      <p class={message.endsGroup || state === 'failed' ? 'meta' : 'meta hidden'}>
        {message.edited && <span>{t('edited')} · </span>}
        {state === 'failed' ? <span class="why">{why(message, t, language)}</span> : message.behind ? <span data-testid="behind">{t('behind')}</span> : <time dateTime={new Date(at).toISOString()}>{clock(at, language)}</time>}
        {own && (
          <span class="tick">
            <Icon name={TICKS[state]} size={14} />
            <span class="hidden">{t(state)}</span>
          </span>
        )}
      </p>
      {state === 'failed' && (message.upload ? <FileRescue message={message} /> : <Rescue message={message} />)}
    </div>
  );
}

function Content({ message, link, title }: { message: Message; link: AttachmentLink | undefined; title: string }) {
  const { t } = useHere();
  if (message.attachment) return <Attachment message={message} link={link} />;
  if (message.card) return <Card card={message.card} />;
  return (
    <div class={message.retracted ? 'bubble gone' : 'bubble'} dir="auto" title={title}>
      {message.retracted ? t('retracted') : <Text text={message.text} />}
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
  return (
    <p class="rescue">
      <button type="button" data-testid="resend" onClick={() => session.resend(id)}>
        {t('resend')}
      </button>
      {message.text && (
        <button type="button" data-testid="edit" onClick={() => session.edit(id, message.text)}>
          {t('edit')}
        </button>
      )}
      <button type="button" data-testid="drop" onClick={() => session.drop(id)}>
        {t('drop')}
      </button>
    </p>
  );
}

/** A file that did not get through, or may not. */
function FileRescue({ message }: { message: Message }) {
  const { t, session } = useHere();
  const id = message.id ?? '';
  const passing = message.err?.reason === 'file_cut' || !['too_large', 'empty', 'type', 'invalid', 'forbidden'].includes(message.err?.code ?? '');
  return (
    <p class="rescue">
      {passing && (
        <button type="button" data-testid="upload-retry" onClick={() => session.files.retry(id)}>
          {t('retry')}
        </button>
      )}
      <button type="button" data-testid="upload-drop" onClick={() => session.files.cancel(id)}>
        {t('drop')}
      </button>
    </p>
  );
}

/** Why a file was not taken, in our own words: what the server says besides is for programs. */
export const FILE_REASONS: Record<string, Parameters<Translate>[0]> = {
  empty: 'fileEmpty', file_empty: 'fileEmpty', type: 'fileType', pictures_only: 'fileType', picture_broken: 'fileBroken', too_many_pixels: 'filePixels',
  space_used_up: 'fileSpace', no_files: 'fileNone', rate_limited: 'fileBusy', unavailable: 'fileBusy',
};

function why({ err, upload }: Message, t: Translate, language: Surroundings['language']): string {
  if (upload) {
    const limit = err?.fields?.limit;
    if (limit) return t('fileTooLarge', { size: fileSize(upload.size, language), limit });
    return t(FILE_REASONS[err?.reason ?? err?.code ?? ''] ?? 'fileLost');
  }
  if (err?.code === 'too_large') return `${t('failed')}. ${t('failedTooLarge')}`;
  if (err?.code === 'conflict') return `${t('failed')}. ${t('failedConflict')}`;
  return `${t('failed')}. ${t('failedOther')}`;
}
