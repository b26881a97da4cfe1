import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useHere } from './context';
import { Icon } from './Icon';

/** What is asked rarely, in place of the conversation; one step back leads there again. */
export function Sheet({ title, onBack, children }: { title: string; onBack?: () => void; children: ComponentChildren }) {
  const { t, session } = useHere();
  const back = useRef<HTMLButtonElement>(null);
  const leave = onBack ?? (() => session.view('chat'));
  useEffect(() => back.current?.focus(), [title]);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      // What has left the page keeps no key to itself, even before its effects are undone.
      if (event.key !== 'Escape' || !back.current) return;
      event.stopImmediatePropagation();
      leave();
    };
    addEventListener('keydown', key, true);
    return () => removeEventListener('keydown', key, true);
  });
  return (
    <section class="view" aria-label={title} data-testid="sheet">
      <header>
        <button type="button" class="icon-button" ref={back} data-testid="back" aria-label={t('back')} title={t('back')} onClick={leave}>
          <Icon name="back" />
        </button>
        <h2>{title}</h2>
      </header>
      {children}
    </section>
  );
}

/** Hands a file to the reader's browser. */
export function save(name: string, type: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
