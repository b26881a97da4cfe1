import { useEffect, useRef, useState } from 'preact/hooks';
import type { Room } from '../room';
import { span, type Say } from '../words';

/** Asks once what the others are to call one, and again where one wants another name. */
export function NameForm({ name, room, say, onDone }: { name: string | null; room: Room; say: Say; onDone: (cancelled: boolean) => void }) {
  const [text, setText] = useState(name ?? '');
  const [wrong, setWrong] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);

  const take = async (): Promise<void> => {
    const wanted = text.trim();
    if (!wanted || busy) return;
    if ([...wanted].length > 30) return setWrong(say('nameTooLong'));
    setBusy(true);
    const error = await room.rename(wanted);
    setBusy(false);
    if (!error) return onDone(false);
    if (error.code === 'invalid') setWrong(say('nameTooLong'));
    else if (error.reason === 'crowd_muted') setWrong(error.retry_after_ms ? say('mutedFor', { time: span(say, error.retry_after_ms) }) : say('muted'));
    else setWrong(say('tryLater'));
  };

  return (
    <form
      class="naming"
      onSubmit={(event) => {
        event.preventDefault();
        void take();
      }}
      onKeyDown={(event) => event.key === 'Escape' && onDone(true)}
    >
      <label for="name">{say('nameTitle')}</label>
      <p id="name-hint">{say('nameHint')}</p>
      <input
        id="name"
        ref={field}
        value={text}
        maxLength={60}
        autocomplete="nickname"
        placeholder={say('name')}
        aria-describedby="name-hint name-wrong"
        aria-invalid={!!wrong}
        data-testid="name"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setWrong('');
        }}
      />
      <p id="name-wrong" class="wrong" role="alert">
        {wrong}
      </p>
      <div>
        <button type="button" class="second" onClick={() => onDone(true)}>
          {say('cancel')}
        </button>
        <button type="submit" class="first" disabled={!text.trim() || busy} data-testid="take-name">
          {say('join')}
        </button>
      </div>
    </form>
  );
}
