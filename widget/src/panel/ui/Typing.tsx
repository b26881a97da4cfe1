import type { Person } from '../../shared/wire';
import { useHere } from './context';

export function Typing({ who }: { who: Person | null }) {
  const { t } = useHere();
  if (!who) return null;
  const text = t('typing', { name: who.name ?? t('shop') });
  return (
    <p class="typing" data-testid="typing-indicator" title={text}>
      <span class="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span>{text}</span>
    </p>
  );
}
