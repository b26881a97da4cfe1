import type { State } from '../state';
import { conversing } from '../state';
import { opening, replyTime } from '../times';
import { useHere, type Surroundings } from './context';
import { Face } from './Face';
import { Icon } from './Icon';
import { Menu } from './Menu';

/** Who is here, and honestly whether anybody is. */
export function Header({ state }: { state: State }) {
  const here = useHere();
  const { t, session } = here;
  const { site, conversation, mode } = state;
  const operator = conversation?.status !== 'resolved' ? conversation?.assignee : null;
  // Without a connection nobody knows.
  const unsure = !site || state.lost;
  const faces = operator?.name ? [{ name: operator.name, photo_url: operator.photo_url }] : site?.available ? (site.operators ?? []).slice(0, 3) : [];
  return (
    <header class="header">
      <span class="faces" aria-hidden="true">
        {(faces.length ? faces : [{ name: site?.name ?? '', photo_url: null }]).map((face) => (
          <Face key={face.name} name={face.name} photo={face.photo_url} />
        ))}
        {!unsure && <i class={site.available ? 'dot on' : 'dot'} />}
      </span>
      <div class="who">
        <h1 title={site?.name}>{site?.texts?.title || site?.name}</h1>
        <p>{unsure ? '' : presence(state, operator?.name ?? null, here)}</p>
      </div>
      <Menu state={state} />
      {mode === 'sheet' && (
        <button type="button" class="icon-button" data-testid="close-panel" aria-label={t('close')} title={t('close')} onClick={() => session.close()}>
          <Icon name="close" />
        </button>
      )}
    </header>
  );
}

function presence(state: State, operator: string | null, { t, language }: Pick<Surroundings, 't' | 'language'>): string {
  const { site } = state;
  if (!site?.available) {
    if (site?.texts?.away) return site.texts.away;
    if (site?.opens_at && !site.agent) return t('closedUntil', { time: opening(site.opens_at, Date.now(), language) });
    return t(site?.agent ? 'awayAgent' : conversing(state) ? 'awayOpen' : 'away');
  }
  if (operator) return t('withOperator', { name: operator });
  return site.reply_time_s == null ? t('online') : t('replies', { time: replyTime(site.reply_time_s, t) });
}
