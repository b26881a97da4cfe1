import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Room } from '../room';
import type { Pending, State } from '../state';
import { colorOf, starts, type Line } from '../stream';
import type { Say } from '../words';

/** Nearer to the end than this counts as reading the end. */
const NEAR = 60;
const COLORS = 8;

export function Messages({ state, room, say }: { state: State; room: Room; say: Say }) {
  const { stream, pending, ids, name, language } = state;
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [seen, setSeen] = useState(0);
  const { lines } = stream;
  const last = lines[lines.length - 1]?.seq ?? 0;
  const fresh = atEnd.current ? 0 : lines.filter((line) => line.seq > seen && !ids.includes(line.sender.id)).length;
  const ownLast = pending[pending.length - 1]?.id;

  const toEnd = (): void => {
    const element = list.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight;
    atEnd.current = true;
    setSeen(last);
  };
  // What one has just written is always shown; what others write only moves the list for who reads the end.
  useLayoutEffect(toEnd, [ownLast]);
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
  }, [last, lines.length, pending.length]);

  const scrolled = (): void => {
    const element = list.current!;
    const now = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    if (now !== atEnd.current) {
      atEnd.current = now;
      setSeen(last);
    }
  };

  return (
    <div class="stream">
      <div class="list" ref={list} onScroll={scrolled} role="log" aria-label={say('log')} tabIndex={0} data-testid="stream">
        {!lines.length && !pending.length && <p class="empty">{say('empty')}</p>}
        {lines.map((line, index) => (
          <Said key={line.id} line={line} begins={starts(line, lines[index - 1])} own={ids.includes(line.sender.id)} say={say} language={language} />
        ))}
        {pending.map((one) => (
          <Unsent key={one.id} one={one} name={name} id={ids[0] ?? ''} room={room} say={say} />
        ))}
      </div>
      {!atEnd.current && (
        <button type="button" class="latest" onClick={toEnd} data-testid="latest">
          <svg class="icon" viewBox="0 0 24 24" width={16} height={16} aria-hidden="true">
            <path d="M12 5v14M6 13l6 6l6 -6" />
          </svg>
          {fresh ? say(fresh === 1 ? 'newOne' : 'newMany', { count: fresh }) : say('latest')}
        </button>
      )}
    </div>
  );
}

function Face({ id, name, staff }: { id: string; name: string; staff: boolean }) {
  return (
    <span class={staff ? 'avatar shop' : `avatar color${colorOf(id, COLORS)}`} aria-hidden="true">
      {[...name][0]?.toUpperCase()}
    </span>
  );
}

function Said({ line, begins, own, say, language }: { line: Line; begins: boolean; own: boolean; say: Say; language: string }) {
  const { sender, text } = line;
  const staff = sender.kind === 'operator';
  const called = sender.name || say('someone');
  return (
    <article class={`said${begins ? ' begins' : ''}${own ? ' own' : ''}${staff ? ' staff' : ''}`} data-seq={line.seq}>
      {begins && (
        <>
          <Face id={sender.id} name={called} staff={staff} />
          <p class="by">
            <b>{called}</b>
            {staff && <span class="badge">{say('staff')}</span>}
            <time dateTime={new Date(line.at).toISOString()}>{new Date(line.at).toLocaleTimeString(language, { hour: 'numeric', minute: '2-digit' })}</time>
          </p>
        </>
      )}
      <p class={text === null ? 'text gone' : 'text'} dir="auto">
        {text ?? say('deleted')}
      </p>
    </article>
  );
}

/** On its way, or refused and waiting for what its author decides. */
function Unsent({ one, name, id, room, say }: { one: Pending; name: string | null; id: string; room: Room; say: Say }) {
  const { error } = one;
  return (
    <article class="said begins own unsent">
      <Face id={id} name={name ?? '?'} staff={false} />
      <p class="by">
        <b>{name ?? ''}</b>
      </p>
      <p class="text" dir="auto">
        {one.text}
      </p>
      {error && (
        <p class="failed" role="alert">
          {say(error.code === 'rate_limited' ? 'failedFast' : 'failed')}
          <button type="button" onClick={() => room.retry(one.id)}>
            {say('retry')}
          </button>
          <button type="button" onClick={() => room.drop(one.id)}>
            {say('drop')}
          </button>
        </p>
      )}
    </article>
  );
}
