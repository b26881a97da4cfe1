import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { AttachmentLink } from '../../shared/wire';
import { firstSeq } from '../log';
import type { State } from '../state';
import { arrange, fold, pending, steady, type Activity, type Item, type Message } from '../timeline';
import { day } from '../times';
import { Bubble } from './Bubble';
import { useHere } from './context';
import { Icon } from './Icon';
import { Offer } from './Offer';
import { Rating } from './Rating';
import { Typing } from './Typing';

/** Nearer to the end than this counts as reading the end. */
const NEAR = 80;

export function Messages({ state }: { state: State }) {
  const { t, language, session } = useHere();
  const { log, past, outbox, acked, uploads, conversation, site, loadingOlder, typing, newFrom, offer } = state;
  const list = useRef<HTMLDivElement>(null);
  const place = useRef({ atEnd: true, height: 0, first: 0 });
  const shown = useRef<Item[]>([]);
  const [away, setAway] = useState(false);
  const [news, setNews] = useState(false);

  const items = useMemo(() => {
    const none = { delivered: 0, read: 0 };
    const everything = { delivered: Infinity, read: Infinity };
    const folded = [...past.flatMap((one) => fold(one, everything)), ...(log ? fold(log, conversation?.receipts.operator ?? none) : [])];
    shown.current = steady(shown.current, arrange([...folded, ...pending(outbox, acked, uploads, log)], newFrom, log?.conversation));
    return shown.current;
  }, [log, past, outbox, acked, uploads, newFrom, conversation?.receipts.operator]);

  const first = log ? firstSeq(log) : 0;
  const last = items[items.length - 1];
  const ownLast = last?.kind === 'message' && last.side === 'visitor' ? last.key : '';
  const whole = !log || first <= 1;
  const quick = last?.kind === 'message' && last.side === 'operator' && !last.retracted ? last.quick : null;
  const draw = useDrawn(state);

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
  }, [state.up, items.length, last?.key, first, typing, offer, state.open]);

  // Opened with something unread: where it begins is shown, not its end.
  useLayoutEffect(() => {
    const line = newFrom !== null && list.current?.querySelector<HTMLElement>('.unread');
    if (!line || list.current!.scrollHeight - line.offsetTop < list.current!.clientHeight) return;
    list.current!.scrollTop = line.offsetTop - 16;
  }, [newFrom]);

  // The keyboard of a phone, the banner, a growing composer and what grows in the list all change the room; the end stays in view.
  useEffect(() => {
    const element = list.current;
    if (!element || !window.ResizeObserver) return;
    const observer = new ResizeObserver(() => place.current.atEnd && toEnd());
    observer.observe(element);
    observer.observe(element.firstElementChild!);
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
        <div class="inner">
          {whole ? (
            <p class="greeting" dir="auto">
              {site?.texts?.greeting || site?.greeting || t('greeting')}
            </p>
          ) : (
            <button type="button" class="text-button" disabled={loadingOlder} onClick={() => session.older()}>
              {t(loadingOlder ? 'loading' : 'older')}
            </button>
          )}
          {items.map((item) =>
            item.kind === 'message' ? (
              draw(item)
            ) : item.kind === 'activity' ? (
              <p class="activity" key={item.key}>
                {describe(item, t)}
              </p>
            ) : (
              <p class={item.kind === 'day' ? 'day' : 'day unread'} key={item.key}>
                <span>{item.kind === 'day' ? day(item.at, Date.now(), language, t) : t('unread')}</span>
              </p>
            ),
          )}
          {quick && (
            <div class="quick" role="group" aria-label={t('quick')}>
              {quick.map(({ label }) => (
                <button type="button" key={label} data-testid="quick-reply" onClick={() => session.send(label)}>
                  {label}
                </button>
              ))}
            </div>
          )}
          {offer && <Offer key={offer.id} offer={offer} open={state.open} />}
          <Rating state={state} />
          <Typing who={typing} />
        </div>
      </div>
      {(away || news) && (
        <button type="button" class={news ? 'latest news' : 'latest'} aria-label={t(news ? 'newMessages' : 'latest')} title={t('latest')} onClick={toEnd}>
          {news && <span>{t('newMessages')}</span>}
          <Icon name="down" size={18} />
        </button>
      )}
    </div>
  );
}

/** What was drawn of a message stays the very same node while nothing about it changed: then nothing of it is even compared. */
function useDrawn({ links, conversation, site }: State): (message: Message) => VNode {
  const { language } = useHere();
  const drawn = useRef(new WeakMap<Message, { node: VNode; link: AttachmentLink | undefined; photo: string | null | undefined; language: string }>());
  return (message) => {
    const link = message.attachment ? links[message.attachment.id] : undefined;
    const known = message.sender === conversation?.assignee?.id ? conversation.assignee.photo_url : undefined;
    const photo = message.side === 'operator' ? (known ?? site?.operators?.find((one) => one.name === message.name)?.photo_url) : null;
    const before = drawn.current.get(message);
    if (before && before.link === link && before.photo === photo && before.language === language) return before.node;
    const node = <Bubble key={message.key} message={message} link={link} photo={photo} />;
    drawn.current.set(message, { node, link, photo, language });
    return node;
  };
}

function describe(item: Activity, t: ReturnType<typeof useHere>['t']): string {
  if (item.type === 'rated') return t('rated', { score: item.score });
  return item.type === 'assigned' ? t('assigned', { name: item.name ?? '' }) : t(item.type);
}
