// Offers on the shop's page, fetched when the first one comes: a bubble, a banner or a card, and what the visitor does with it. Texts are
// text, addresses are http or https, and everything is made by the DOM: no markup, no inline style sheet, nothing for a policy to refuse.

import { DEFAULT_BRAND, textOn } from '../../shared/color';
import type { Envelope, Offer } from '../../shared/wire';
import { webAddress } from '../../panel/linkify';
import type { Core } from '../core';
import { SHEET } from './style';

type What = 'shown' | 'clicked' | 'dismissed';

export interface Offers {
  /** Offered, or taken back. */
  heard(event: Envelope): void;
  /** The panel opened: the page's own offer gives way. */
  hide(): void;
}

/** A page that navigates loses what was not acknowledged; longer nobody should wait for it. */
const PATIENCE = 500;

export default function offers(core: Core, ask: (m: string, p: unknown) => Promise<boolean>): Offers {
  const [, , root, , , , state, get, set, , , listen, , , language, , , , emit, setOpen] = core;
  let element: HTMLElement | undefined;
  let shown: Offer | undefined;
  let late: Offer | undefined;
  const told = new Set<string>();

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  // There before what it announces.
  const spoken = document.createElement('div');
  spoken.setAttribute('aria-live', 'polite');
  spoken.className = 'spoken';
  root.append(spoken);

  const korean = (): boolean => /^ko/i.test(language());

  /** Tells the server, each once; what found no connection is told again with the next. */
  const tell = async (offer: Offer, what: What, tries = 0): Promise<void> => {
    const key = offer.id + what;
    if (told.has(key) && !tries) return;
    told.add(key);
    emit('promotion', { id: offer.promotion, what });
    if (!(await ask('promotion.report', { offer: offer.id, what })) && tries < 5) setTimeout(() => void tell(offer, what, tries + 1), 2000);
  };

  const here = (offer: Offer): boolean => offer.page === location.href.slice(0, 2048);

  const remove = (): void => {
    element?.remove();
    element = shown = undefined;
  };

  const dismiss = (): void => {
    if (!shown) return;
    void tell(shown, 'dismissed');
    remove();
  };

  const make = <K extends keyof HTMLElementTagNameMap>(into: HTMLElement, tag: K, name: string, text?: string | null): HTMLElementTagNameMap[K] => {
    const made = into.appendChild(document.createElement(tag));
    made.className = name;
    if (text) {
      made.textContent = text;
      made.dir = 'auto';
    }
    return made;
  };

  const coupon = (into: HTMLElement, offer: Offer): void => {
    const button = make(into, 'button', 'code');
    button.type = 'button';
    button.dataset.testid = 'stalk-offer-coupon';
    const code = make(button, 'b', '', offer.coupon);
    const word = make(button, 'i', '', korean() ? '복사' : 'Copy');
    button.setAttribute('aria-label', (korean() ? '쿠폰 코드 복사: ' : 'Copy the coupon code: ') + offer.coupon);
    button.onclick = () => {
      void tell(offer, 'clicked');
      const done = (): void => void (word.textContent = spoken.textContent = korean() ? '복사했어요' : 'Copied');
      // Pages without https have no clipboard: then it is selected, for the visitor's own copy.
      const by = navigator.clipboard?.writeText(offer.coupon!);
      if (by) by.then(done, () => getSelection()?.selectAllChildren(code));
      else getSelection()?.selectAllChildren(code);
    };
  };

  const follow = (offer: Offer, url: string, event: MouseEvent): void => {
    const sent = tell(offer, 'clicked');
    // A new tab leaves this page as it is.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    void Promise.race([sent, new Promise((over) => setTimeout(over, PATIENCE))]).then(() => location.assign(url));
  };

  const button = (into: HTMLElement, offer: Offer): void => {
    const url = webAddress(offer.url);
    if (!offer.button) return;
    if (url) {
      const link = make(into, 'a', 'go', offer.button);
      link.href = url;
      link.rel = 'noopener';
      link.dataset.testid = 'stalk-offer-go';
      link.onclick = (event) => follow(offer, url, event);
    } else {
      const opens = make(into, 'button', 'go', offer.button);
      opens.type = 'button';
      opens.dataset.testid = 'stalk-offer-go';
      opens.onclick = () => {
        void tell(offer, 'clicked');
        remove();
        setOpen(true, true);
      };
    }
  };

  const show = (offer: Offer): void => {
    remove();
    const { settings } = state;
    const box = document.createElement('section');
    const brand = settings?.color || DEFAULT_BRAND;
    const image = webAddress(offer.image_url);
    const looks = ['offer', offer.look, settings?.theme || 'auto', settings?.side || 'right'];
    if (image) looks.push('pictured');
    if (settings?.launcher === 'hidden') looks.push('alone');
    box.className = looks.join(' ');
    box.dataset.testid = 'stalk-offer';
    box.lang = language();
    box.dir = getComputedStyle(document.documentElement).direction;
    box.setAttribute('role', 'complementary');
    box.setAttribute('aria-label', offer.title);
    box.style.setProperty('--brand', brand);
    box.style.setProperty('--on', textOn(brand));
    const row = offer.look === 'banner' ? make(box, 'div', 'row') : box;
    if (image) {
      const picture = make(row, 'img', '');
      picture.alt = '';
      picture.referrerPolicy = 'no-referrer';
      picture.onerror = () => {
        picture.remove();
        box.classList.remove('pictured');
      };
      picture.src = image;
    }
    const said = make(row, 'div', 'said');
    make(said, 'h2', '', offer.title);
    if (offer.text) make(said, 'p', '', offer.text);
    const does = make(offer.look === 'banner' ? row : said, 'div', 'does');
    if (offer.coupon) coupon(does, offer);
    button(does, offer);
    const close = make(box, 'button', 'close', '×');
    close.type = 'button';
    close.dataset.testid = 'stalk-offer-close';
    close.ariaLabel = korean() ? '닫기' : 'Close';
    close.onclick = dismiss;
    box.onkeydown = (event) => {
      if (event.key === 'Escape') dismiss();
    };
    root.append(box);
    element = box;
    shown = offer;
    spoken.textContent = [offer.title, offer.text].filter(Boolean).join('. ');
    void tell(offer, 'shown');
  };

  /** In the tab that is looked at, on the page it is meant for, and in one tab only. */
  const consider = (offer: Offer): void => {
    if (!here(offer) || state.open || get('offer') === offer.id) return;
    if (document.hidden) return void (late = offer);
    set('offer', offer.id);
    show(offer);
  };

  listen(document, 'visibilitychange', () => {
    const waiting = late;
    if (document.hidden || !waiting) return;
    late = undefined;
    consider(waiting);
  });
  // What was offered to one page does not follow to the next.
  const moved = (): void => void (shown && !here(shown) && remove());
  listen((window as { navigation?: EventTarget }).navigation, 'currententrychange', moved);
  listen(window, 'popstate', moved);

  return {
    heard({ data }) {
      const taken = data.withdrawn as { promotion: string } | undefined;
      if (!taken) return consider(data.offer as Offer);
      if (late?.promotion === taken.promotion) late = undefined;
      if (shown?.promotion === taken.promotion) remove();
    },
    hide: remove,
  };
}
