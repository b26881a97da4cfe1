import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { State } from '../state';
import { useHere } from './context';
import { Icon } from './Icon';
import { useLazy } from './lazy';

/** Say how much room is left from here on. */
const CLOSE_TO_LIMIT = 200;
/** Milliseconds after a key during which another tab's text does not replace this one's. */
const UNDER_FINGERS = 1000;
const IMAGES = 'image/png,image/jpeg,image/gif,image/webp';

export function Composer({ state }: { state: State }) {
  const { t, session } = useHere();
  const { site, conversation } = state;
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const typedAt = useRef(0);
  const [text, setText] = useState(state.kept.draft ?? '');
  const [emoji, setEmoji] = useState(false);
  const { view: Emoji } = useLazy(() => import('./Emoji').then((it) => it.Emoji), emoji);
  const length = [...text].length;
  const over = length - state.limit;
  const sendable = text.trim() !== '' && over <= 0;
  const files = site?.files?.enabled ? site.files : null;
  const queue = conversation?.status === 'open' ? conversation.queue_position : null;

  // Edited in another tab, or handed back from a message that failed; never under the fingers of who writes here.
  useEffect(() => {
    if (Date.now() - typedAt.current > UNDER_FINGERS) setText(state.kept.draft ?? '');
  }, [state.kept.draft]);

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    // Measured from nothing, because a field never reports less than its own height. The style sheet ends it at 8 lines.
    element.style.height = '0';
    element.style.height = element.scrollHeight + 'px';
  }, [text, state.open]);

  // Before it is painted: whoever sees the field can type, and an Escape that follows at once is not overtaken by the focus.
  useLayoutEffect(() => {
    if (!state.focus) return;
    // On a phone the keyboard would cover what was just opened.
    if (matchMedia('(pointer: coarse)').matches) return;
    field.current?.focus();
  }, [state.focus]);

  const typed = (value: string): void => {
    typedAt.current = Date.now();
    setText(value);
    session.typed(value);
    // With every key: when the page goes away there is no time left for it.
    session.keep('draft', value || null);
  };

  const send = (): void => {
    if (!sendable) return;
    typedAt.current = 0;
    session.send(text.trim());
    setText('');
    setEmoji(false);
    field.current?.focus();
  };

  const key = (event: KeyboardEvent): void => {
    // An Enter that ends a Korean syllable belongs to the input method (229 where `isComposing` is already false).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };

  /** Where the cursor is, and stays behind it. */
  const insert = (what: string): void => {
    const { selectionStart: from = text.length, selectionEnd: to = text.length } = field.current ?? {};
    typed(text.slice(0, from) + what + text.slice(to));
    requestAnimationFrame(() => field.current?.setSelectionRange(from + what.length, from + what.length));
  };

  const pasted = (event: ClipboardEvent): void => {
    const found = files ? [...(event.clipboardData?.files ?? [])] : [];
    if (!found.length) return;
    event.preventDefault();
    session.files.add(found);
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <p class="queue" role="status" data-testid="queue">
        {queue ? t(queue === 1 ? 'queueNext' : 'queue', { count: queue }) : ''}
      </p>
      {over > -CLOSE_TO_LIMIT && (
        <p class={over > 0 ? 'limit over' : 'limit'} id="limit" role="status">
          {over > 0 ? t('tooLong', { count: over, limit: state.limit }) : t('left', { count: -over })}
        </p>
      )}
      {emoji && Emoji && <Emoji recent={state.kept.emoji} onPick={insert} onClose={() => (setEmoji(false), field.current?.focus())} />}
      <div class="writing">
        {files && (
          <>
            <input
              ref={picker}
              type="file"
              class="hidden"
              tabIndex={-1}
              aria-hidden="true"
              multiple
              data-testid="file-input"
              accept={files.types === 'images' ? IMAGES : undefined}
              onChange={(event) => {
                session.files.add([...(event.currentTarget.files ?? [])]);
                event.currentTarget.value = '';
              }}
            />
            <button
              type="button"
              class="icon-button"
              data-testid="attach"
              aria-label={t(files.types === 'images' ? 'attachImages' : 'attach')}
              title={t(files.types === 'images' ? 'attachImages' : 'attach')}
              onClick={() => picker.current?.click()}
            >
              <Icon name="clip" />
            </button>
          </>
        )}
        <textarea
          ref={field}
          data-testid="composer"
          class={files ? undefined : 'first'}
          rows={1}
          value={text}
          placeholder={site?.texts?.placeholder || t('write')}
          aria-label={t('message')}
          aria-describedby="hint limit preview"
          aria-invalid={over > 0}
          enterkeyhint="send"
          dir="auto"
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={key}
          onPaste={pasted}
        />
        <button type="button" class="icon-button" data-testid="emoji" aria-label={t('emoji')} title={t('emoji')} aria-expanded={emoji} onClick={() => setEmoji(!emoji)}>
          <Icon name="smile" />
        </button>
        <button type="submit" class="send" data-testid="send" aria-label={t('send')} title={t('send')} disabled={!sendable}>
          <Icon name="send" size={20} />
        </button>
      </div>
      {site?.typing_preview && (
        <p class="limit" id="preview" data-testid="preview-notice">
          {t('preview')}
        </p>
      )}
      <span class="hidden" id="hint">
        {t('hint')}
      </span>
    </form>
  );
}
