import { useEffect, useRef, useState } from 'preact/hooks';
import type { State, View } from '../state';
import { useHere } from './context';
import { Icon, type IconName } from './Icon';

interface Choice {
  id: string;
  icon: IconName;
  label: string;
  pressed?: boolean;
  act(): void;
}

/** What is needed rarely, behind one button. A menu by the book: arrows move, Escape closes, the focus comes back. */
export function Menu({ state }: { state: State }) {
  const { t, session } = useHere();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const { site, conversation, kept, log } = state;
  const muted = !!kept.muted;
  const go = (view: View) => (): void => session.view(view);

  const choices: Choice[] = [
    ...(site?.sound !== false
      ? [{ id: 'mute', icon: muted ? ('muted' as const) : ('sound' as const), label: t(muted ? 'unmute' : 'mute'), act: () => session.keep('muted', muted ? null : '1') }]
      : []),
    { id: 'list', icon: 'chats', label: t('conversations'), act: go('list') },
    ...(site?.transcript && log?.entries.length ? [{ id: 'transcript', icon: 'download' as const, label: t('transcript'), act: go('transcript') }] : []),
    ...(site?.visitor_data ? [{ id: 'data', icon: 'person' as const, label: t('data'), act: go('data') }] : []),
    ...(conversation && conversation.status !== 'resolved' ? [{ id: 'end', icon: 'done' as const, label: t('end'), act: go('end') }] : []),
  ];

  useEffect(() => {
    if (!open) return;
    const items = (): HTMLElement[] => [...box.current!.querySelectorAll<HTMLElement>('[role^=menuitem]')];
    items()[0]?.focus();
    const away = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    const key = (event: KeyboardEvent): void => {
      const all = items();
      const at = all.indexOf(document.activeElement as HTMLElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
      if (to !== undefined) {
        all[to % all.length]?.focus();
        event.preventDefault();
      } else if (event.key === 'Escape' || event.key === 'Tab') {
        setOpen(false);
        button.current?.focus();
        event.stopPropagation();
        if (event.key === 'Escape') event.preventDefault();
      }
    };
    addEventListener('pointerdown', away);
    box.current!.addEventListener('keydown', key);
    const element = box.current!;
    return () => {
      removeEventListener('pointerdown', away);
      element.removeEventListener('keydown', key);
    };
  }, [open]);

  const choose = (choice: Choice): void => {
    setOpen(false);
    button.current?.focus();
    choice.act();
  };

  return (
    <div class="menu" ref={box}>
      <button
        type="button"
        ref={button}
        class="icon-button"
        data-testid="menu"
        aria-label={t('menu')}
        title={t('menu')}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="menu" />
      </button>
      {open && (
        <div class="choices" role="menu" aria-label={t('menu')}>
          {choices.map((choice) => (
            <button type="button" role="menuitem" tabIndex={-1} key={choice.id} data-testid={'menu-' + choice.id} onClick={() => choose(choice)}>
              <Icon name={choice.icon} />
              {choice.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
