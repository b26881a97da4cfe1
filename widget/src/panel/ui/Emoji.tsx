import { useEffect, useRef } from 'preact/hooks';
import { emoji } from '../emoji';
import { useHere } from './context';

const RECENT = 16;

/** A grid by groups; arrows move in it, Escape goes back to the text. Fetched when first wanted. */
export function Emoji({ recent, onPick, onClose }: { recent: string | null; onPick(emoji: string): void; onClose(): void }) {
  const { t, session } = useHere();
  const box = useRef<HTMLDivElement>(null);
  const used = (recent ?? '').split(' ').filter(Boolean);

  useEffect(() => box.current?.querySelector('button')?.focus(), []);

  const pick = (one: string): void => {
    session.keep('emoji', [one, ...used.filter((other) => other !== one)].slice(0, RECENT).join(' '));
    onPick(one);
  };

  const key = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      event.preventDefault();
      return onClose();
    }
    const all = [...box.current!.querySelectorAll('button')];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const here = all[at]?.getBoundingClientRect();
    if (!here) return;
    const back = getComputedStyle(box.current!).direction === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
    const forth = back === 'ArrowLeft' ? 'ArrowRight' : 'ArrowLeft';
    let to: HTMLButtonElement | undefined;
    if (event.key === back) to = all[at - 1];
    else if (event.key === forth) to = all[at + 1];
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      // The nearest one of the next row, whatever group it is in.
      const rows = all.filter((one) => {
        const { top } = one.getBoundingClientRect();
        return event.key === 'ArrowDown' ? top > here.top + 4 : top < here.top - 4;
      });
      const row = (event.key === 'ArrowDown' ? rows[0] : rows[rows.length - 1])?.getBoundingClientRect().top;
      const near = (one: HTMLElement): number => Math.abs(one.getBoundingClientRect().left - here.left);
      to = rows.filter((one) => Math.abs(one.getBoundingClientRect().top - row!) < 4).sort((a, b) => near(a) - near(b))[0];
    } else return;
    event.preventDefault();
    to?.focus();
  };

  const groups = [...(used.length ? [[t('emojiRecent'), used] as const] : []), ...emoji.map(({ name, list }) => [t(name), list] as const)];
  return (
    <div class="emoji" role="group" aria-label={t('emoji')} data-testid="emoji-picker" ref={box} onKeyDown={key}>
      {groups.map(([name, list], g) => (
        <section key={name} aria-label={name}>
          <h2>{name}</h2>
          <div>
            {list.map((one, i) => (
              <button type="button" key={one} tabIndex={g + i ? -1 : 0} onClick={() => pick(one)}>
                {one}
              </button>
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}
