import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { State } from '../state';
import { useHere } from './context';
import { Icon } from './Icon';

/** Say how much room is left from here on. */
const CLOSE_TO_LIMIT = 200;
/** Milliseconds after a key during which another tab's text does not replace this one's. */
const UNDER_FINGERS = 1000;

export function Composer({ state }: { state: State }) {
  const { t, session } = useHere();
  const field = useRef<HTMLTextAreaElement>(null);
  const typedAt = useRef(0);
  const [text, setText] = useState(state.kept.draft ?? '');
  const length = [...text].length;
  const over = length - state.limit;
  const sendable = text.trim() !== '' && over <= 0;

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

  useEffect(() => {
    if (!state.focus) return;
    // On a phone the keyboard would cover what was just opened.
    if (matchMedia('(pointer: coarse)').matches) return;
    field.current?.focus();
  }, [state.focus]);

  const typed = (value: string): void => {
    typedAt.current = Date.now();
    setText(value);
    session.typed(value.trim() === '');
    // With every key: when the page goes away there is no time left for it.
    session.keep('draft', value || null);
  };

  const send = (): void => {
    if (!sendable) return;
    typedAt.current = 0;
    session.send(text.trim());
    setText('');
    field.current?.focus();
  };

  const key = (event: KeyboardEvent): void => {
    // An Enter that ends a Korean syllable belongs to the input method (229 where `isComposing` is already false).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {over > -CLOSE_TO_LIMIT && (
        <p class={over > 0 ? 'limit over' : 'limit'} id="limit" role="status">
          {over > 0 ? t('tooLong', { count: over, limit: state.limit }) : t('left', { count: -over })}
        </p>
      )}
      <div class="writing">
        <textarea
          ref={field}
          data-testid="composer"
          rows={1}
          value={text}
          placeholder={t('write')}
          aria-label={t('message')}
          aria-describedby="hint limit"
          aria-invalid={over > 0}
          enterkeyhint="send"
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={key}
        />
        <button type="submit" class="send" data-testid="send" aria-label={t('send')} title={t('send')} disabled={!sendable}>
          <Icon name="send" size={20} />
        </button>
      </div>
      <span class="hidden" id="hint">
        {t('hint')}
      </span>
    </form>
  );
}
