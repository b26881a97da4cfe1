import { useEffect, useState } from 'preact/hooks';
import type { AttachmentLink } from '../../shared/wire';
import { previews } from '../files';
import type { Message } from '../timeline';
import { fileSize } from '../times';
import { useHere } from './context';
import { Icon } from './Icon';

/** The room a picture gets before it is there, so that nothing moves when it comes. */
const WIDE = 240;
const HIGH = 280;

/** A picture as such, everything else by its name; on its way with progress. */
export function Attachment({ message, link }: { message: Message; link: AttachmentLink | undefined }) {
  const { t, language, session } = useHere();
  const { attachment, upload, conversation, seq } = message;
  const [broken, setBroken] = useState(false);
  const { id, name, media_type, size, width, height } = attachment!;
  const shown = upload?.preview ?? previews.get(id) ?? link?.thumbnail_url ?? null;
  const picture = !broken && media_type.startsWith('image/') && (shown || (width && height && !upload));

  useEffect(() => {
    if (seq !== null) session.links.want(conversation, id);
  }, [conversation, id, seq, link?.expires_at]);

  // Addresses are good for an hour; who presses later gets a new one first.
  const press = (event: Event): void => {
    if (link && link.expires_at > Date.now()) return;
    event.preventDefault();
    session.links.want(conversation, id);
  };
  const progress = upload && !upload.err && (
    <span class="progress">
      <progress max={1} value={upload.progress} aria-label={t('uploading', { percent: Math.round(upload.progress * 100) })} />
      <button type="button" class="icon-button" data-testid="upload-cancel" aria-label={t('cancel')} title={t('cancel')} onClick={() => session.files.cancel(upload.id)}>
        <Icon name="close" size={18} />
      </button>
    </span>
  );

  if (picture) {
    const scale = width && height ? Math.min(1, WIDE / width, HIGH / height) : 0;
    const box = scale ? { width: Math.max(64, Math.round(width! * scale)), height: Math.max(48, Math.round(height! * scale)) } : {};
    return (
      <div class="picture" data-testid="attachment">
        <a href={link?.url} target="_blank" rel="noopener" aria-label={t('openImage', { name })} onClick={press}>
          {shown ? (
            <img src={shown} alt={name} {...box} onError={() => (setBroken(true), session.links.want(conversation, id, true))} />
          ) : (
            <svg class="blank" {...box} />
          )}
        </a>
        {progress}
      </div>
    );
  }
  return (
    <div class="bubble file" data-testid="attachment">
      <a href={link?.url} target="_blank" rel="noopener" download={name} aria-label={upload ? undefined : t('download', { name })} onClick={press}>
        <Icon name="file" size={24} />
        <span>
          <b>{name}</b>
          <small>{fileSize(size, language)}</small>
        </span>
      </a>
      {progress}
    </div>
  );
}
