import type { State } from '../state';
import { useHere } from './context';

/** What is wrong, what is safe, what happens next. Always in the page, so that a screen reader hears it change. */
export function Banner({ state }: { state: State }) {
  const { t } = useHere();
  const text = state.refused ? t('refused') : state.lost ? t('lost') : '';
  return (
    <div role="status">
      {text && (
        <p class="banner" data-testid="connection-banner">
          {text}
        </p>
      )}
    </div>
  );
}
