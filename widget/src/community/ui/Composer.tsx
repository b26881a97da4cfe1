import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Room } from '../room';
import type { State } from '../state';
import { span, words, type Say } from '../words';
import { NameForm } from './NameForm';

const TEXT_MAX = 500;

/** Draws again every second while something runs out. */
function useSeconds(until: number): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    set(Date.now());
    if (until <= Date.now() || until === Infinity) return;
    const timer = setInterval(() => {
      set(Date.now());
      if (Date.now() >= until) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [until]);
  return now;
}

/** Why one cannot write, if one cannot. */
function barred({ crowd, mutedUntil, identified }: State, now: number, say: Say): string | null {
  if (mutedUntil > now) return mutedUntil === Infinity ? say('muted') : say('mutedFor', { time: span(say, mutedUntil - now) });
  if (crowd!.frozen) return say('frozen');
  return crowd!.writers === 'identified' && !identified ? say('guests') : null;
}

export function Composer({ state, room, say }: { state: State; room: Room; say: Say }) {
  const { crowd, name, mutedUntil, nextAt } = state;
  const [text, setText] = useState('');
  const [naming, setNaming] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const now = useSeconds(mutedUntil > Date.now() ? mutedUntil : nextAt);
  const why = barred(state, now, say);
  const wait = Math.max(0, nextAt - now);
  const length = [...text.trim()].length;
  const over = length - TEXT_MAX;

  // As high as what is written, three lines at most.
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, 84)}px`;
  }, [text, why, naming]);

  const send = (): void => {
    const said = text.trim();
    if (!said || over > 0 || wait > 0) return;
    room.say(said);
    setText('');
    if (name) field.current?.focus();
    else setNaming(true);
  };

  const key = (event: KeyboardEvent): void => {
    // An Enter that ends a Korean syllable belongs to the input method (229 where `isComposing` is already false).
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };

  if (why)
    return (
      <p class="barred" role="status" data-testid="barred">
        <svg class="icon" viewBox="0 0 24 24" width={18} height={18} aria-hidden="true">
          <path d="M5 13a2 2 0 0 1 2 -2h10a2 2 0 0 1 2 2v6a2 2 0 0 1 -2 2h-10a2 2 0 0 1 -2 -2z M8 11v-4a4 4 0 1 1 8 0v4" />
        </svg>
        {why}
      </p>
    );
  if (naming)
    return (
      <NameForm
        name={name}
        room={room}
        say={say}
        onDone={(cancelled) => {
          setNaming(false);
          // What was written before the name was asked for goes back to be written on.
          const first = state.pending[0];
          if (cancelled && !name && first) {
            setText(first.text);
            room.drop(first.id);
          }
          requestAnimationFrame(() => field.current?.focus());
        }}
      />
    );
  return (
    <form
      class="write"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {(over > -50 || crowd!.slow_mode_s > 0) && (
        <p class={over > 0 ? 'note over' : 'note'} role="status">
          {over > 0 ? say('tooLong', { count: over }) : over > -50 ? `${length} / ${TEXT_MAX}` : say('slow', { time: span(words(state.language), crowd!.slow_mode_s * 1000) })}
        </p>
      )}
      <div class="row">
        {name && (
          <button type="button" class="me" onClick={() => setNaming(true)} aria-label={say('changeName', { name })} title={say('changeName', { name })} data-testid="me">
            {[...name][0]?.toUpperCase()}
          </button>
        )}
        <textarea
          ref={field}
          rows={1}
          value={text}
          placeholder={say('write')}
          aria-label={say('message')}
          aria-invalid={over > 0}
          enterkeyhint="send"
          dir="auto"
          data-testid="say"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={key}
        />
        <button type="submit" class="go" disabled={!length || over > 0 || wait > 0} aria-label={say('send')} data-testid="go">
          {wait > 0 ? (
            <span class="wait" data-testid="wait">
              {Math.ceil(wait / 1000)}
            </span>
          ) : (
            <svg class="icon" viewBox="0 0 24 24" width={20} height={20} aria-hidden="true">
              <path d="M12 5v14M18 11l-6 -6M6 11l6 -6" />
            </svg>
          )}
        </button>
      </div>
    </form>
  );
}
