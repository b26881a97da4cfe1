import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { firstSeq } from '../log';
import type { State } from '../state';
import { arrange, fold, pending, type Activity } from '../timeline';
import { day } from '../times';
import { Bubble } from './Bubble';
import { useHere } from './context';
import { Icon } from './Icon';
import { Typing } from './Typing';

/** Nearer to the end than this counts as reading the end. */
const NEAR = 80;

export function Messages({ state }: { state: State }) {
  const { t, language, session } = useHere();
  const { log, past, outbox, acked, conversation, site, loadingOlder, typing } = state;
  const list = useRef<HTMLDivElement>(null);
  const place = useRef({ atEnd: true, height: 0, first: 0 });
  const [away, setAway] = useState(false);
  const [news, setNews] = useState(false);

  const items = useMemo(() => {
    const none = { delivered: 0, read: 0 };
    const everything = { delivered: Infinity, read: Infinity };
    const folded = [...past.flatMap((one) => fold(one, everything)), ...(log ? fold(log, conversation?.receipts.operator ?? none) : [])];
    return arrange([...folded, ...pending(outbox, acked, log)]);
  }, [log, past, outbox, acked, conversation?.receipts.operator]);

  const first = log ? firstSeq(log) : 0;
  const last = items[items.length - 1];
  const ownLast = last?.kind === 'message' && last.side === 'visitor' ? last.key : '';
  const whole = !log || first <= 1;

  const toEnd = (): void => {
    const element = list.current;
    if (element) element.scrollTop = element.scrollHeight;
  };

  // What one has just written is always shown; what others write only moves the list for who reads the end.
  useLayoutEffect(toEnd, [ownLast]);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const { atEnd, height, first: before } = place.current;
    if (before > first && !atEnd) element.scrollTop += element.scrollHeight - height;
    else if (atEnd) toEnd();
    else if (last?.kind === 'message' && last.side === 'operator') setNews(true);
    place.current = { ...place.current, height: element.scrollHeight, first };
    // Nothing to scroll yet, so scrolling cannot ask for what came before.
    if (!whole && state.up && state.open && element.scrollHeight <= element.clientHeight) session.older();
  }, [state.up, items.length, last?.key, first, typing, state.open]);

  // The keyboard of a phone, the banner and a growing composer all change the room; the end stays in view.
  useEffect(() => {
    const element = list.current;
    if (!element || !window.ResizeObserver) return;
    const observer = new ResizeObserver(() => place.current.atEnd && toEnd());
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const scrolled = (): void => {
    const element = list.current!;
    const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
    place.current.atEnd = rest < NEAR;
    setAway(rest > NEAR * 2);
    if (rest < NEAR) setNews(false);
    if (element.scrollTop < NEAR && !whole) session.older();
  };

  return (
    <div class="conversation">
      <div class="list" ref={list} onScroll={scrolled} role="log" aria-label={t('log')} aria-live="polite" aria-busy={loadingOlder} tabIndex={0}>
        {whole ? (
          <p class="greeting">{site?.greeting || t('greeting')}</p>
        ) : (
          <button type="button" class="text-button" disabled={loadingOlder} onClick={() => session.older()}>
            {t(loadingOlder ? 'loading' : 'older')}
          </button>
        )}
        {items.map((item) =>
          item.kind === 'day' ? (
            <p class="day" key={item.key}>
              <span>{day(item.at, Date.now(), language, t)}</span>
            </p>
          ) : item.kind === 'activity' ? (
            <p class="activity" key={item.key}>
              {describe(item, t)}
            </p>
          ) : (
            <Bubble key={item.key} message={item} />
          ),
        )}
        <Typing who={typing} />
      </div>
      {(away || news) && (
        <button type="button" class={news ? 'latest news' : 'latest'} aria-label={t('latest')} title={t('latest')} onClick={toEnd}>
          {news && <span>{t('newMessages')}</span>}
          <Icon name="down" size={18} />
        </button>
      )}
    </div>
  );
}

function describe(item: Activity, t: ReturnType<typeof useHere>['t']): string {
  return item.type === 'assigned' ? t('assigned', { name: item.name ?? '' }) : t(item.type);
}
