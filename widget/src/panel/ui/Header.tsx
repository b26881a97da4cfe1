import type { State } from '../state';
import { conversing } from '../state';
import { useHere } from './context';
import { Icon } from './Icon';

/** Who is here, and honestly whether anybody is. */
export function Header({ state }: { state: State }) {
  const { t, session } = useHere();
  const { site, conversation, kept } = state;
  const operator = conversation?.status !== 'resolved' ? conversation?.assignee?.name : null;
  const muted = !!kept.muted;
  // Without a connection nobody knows.
  const unsure = !site || state.lost;
  const presence = unsure
    ? ''
    : !site.available
      ? t(conversing(state) ? 'awayOpen' : 'away')
      : operator
        ? t('withOperator', { name: operator })
        : t('online');
  return (
    <header class="header">
      <span class="face" aria-hidden="true">
        {initial(operator ?? site?.name ?? '')}
        {!unsure && <i class={site.available ? 'dot on' : 'dot'} />}
      </span>
      <div class="who">
        <h1 title={site?.name}>{site?.name}</h1>
        <p>{presence}</p>
      </div>
      <button
        type="button"
        class="icon-button"
        aria-label={t(muted ? 'unmute' : 'mute')}
        title={t(muted ? 'unmute' : 'mute')}
        aria-pressed={muted}
        onClick={() => session.keep('muted', muted ? null : '1')}
      >
        <Icon name={muted ? 'muted' : 'sound'} />
      </button>
      <button type="button" class="icon-button" data-testid="close-panel" aria-label={t('close')} title={t('close')} onClick={() => session.close()}>
        <Icon name="close" />
      </button>
    </header>
  );
}

function initial(name: string): string {
  return [...name.trim()][0]?.toUpperCase() ?? '';
}
