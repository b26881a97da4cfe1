// The panel's iframe and the one port to it. Nothing is said over `postMessage` but the handshake.

import type { Mode, ToLoader, ToPanel } from '../../shared/port';
import type { Core } from '../core';

export interface Frame {
  element: HTMLIFrameElement;
  /** Where it stands; null is the corner of the window. */
  place: HTMLElement | null;
  mode: Mode;
  /** The panel has answered; until then it is not shown. */
  ready(): boolean;
  post(message: ToPanel): void;
  /** Load again if the panel never came (the server was away). */
  retry(): void;
  remove(): void;
}

const CORNER = `iframe{position:fixed;z-index:2147483000;right:var(--x);border:0;bottom:calc(var(--y) + 68px);width:400px;height:min(680px,100dvh - 88px - var(--y));border-radius:16px;background:Canvas;color-scheme:light dark;box-shadow:0 0 0 1px #0001,0 8px 48px #0004;opacity:0;visibility:hidden;transform:translateY(12px);transition:opacity .2s,transform .2s,visibility .2s}\
.alone{bottom:var(--y);height:min(680px,100dvh - 20px - var(--y))}\
.dark{color-scheme:dark}.light{color-scheme:light}\
.on{opacity:1;visibility:visible;transform:none}\
@media(max-width:479.9px){iframe{inset:0;width:100%;height:100%;border-radius:0}button.on{display:none}}\
@media(prefers-reduced-motion){*{transition:none!important}}\
@media print{*{display:none}}`;

/** In the page: as wide as its place, as high as the shop made it. */
const PLACED = `:host{display:block}:host(body){margin:0}iframe{display:block;width:100%;height:100%;min-height:420px;border:0;color-scheme:light dark}.full{min-height:100dvh}.dark{color-scheme:dark}.light{color-scheme:light}`;

const sheetOf = (text: string): CSSStyleSheet => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
};

function rootIn(place: HTMLElement): ShadowRoot {
  const root = place.shadowRoot || place.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheetOf(PLACED)];
  return root;
}

let corner: CSSStyleSheet | undefined;

export function createFrame(core: Core, place: HTMLElement | null, met: () => void, heard: (message: ToLoader) => void): Frame {
  const [base, site, root, , , , , , , , , , , , language] = core;
  const element = document.createElement('iframe');
  const src = base + '/panel?site=' + encodeURIComponent(site);
  const over = new AbortController();
  const mode: Mode = !place ? 'sheet' : place.hasAttribute('data-stalk-full') ? 'full' : 'inline';
  let port: MessagePort | undefined;
  let failed = false;

  const on = (target: EventTarget | null, name: string, listener: (event: never) => void): void =>
    target?.addEventListener(name, listener as EventListener, { signal: over.signal });

  on(window, 'message', (event: MessageEvent) => {
    if (event.source !== element.contentWindow || event.origin !== base || event.data?.t !== 'ready') return;
    const channel = new MessageChannel();
    port?.close();
    port = channel.port1;
    port.onmessage = (message) => heard(message.data as ToLoader);
    element.contentWindow!.postMessage({ stalk: 1, t: 'port' }, base, [channel.port2]);
    met();
  });

  element.dataset.testid = 'stalk-panel';
  element.title = /^ko/i.test(language()) ? '채팅' : 'Chat';
  element.allow = 'autoplay; clipboard-write';
  // A page that has loaded and does not ask for its port is the browser's own, about an error.
  element.onload = () => (failed = true);
  element.src = src;
  (place ? rootIn(place) : root).append(element);
  if (!place) {
    // Once, however many sheets others (offers) have put there.
    corner ??= sheetOf(CORNER);
    if (!root.adoptedStyleSheets.includes(corner)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, corner];
  }

  // The keyboard of a phone covers a fixed frame; the visual viewport tells what is left. Desktop keeps the sheet's own size.
  const view = window.visualViewport;
  const fit = (): void => {
    const phone = !place && innerWidth < 480 && view;
    element.style.height = phone ? view.height + 'px' : '';
    element.style.top = phone ? view.offsetTop + 'px' : '';
  };
  on(view, 'resize', fit);
  on(view, 'scroll', fit);
  fit();

  return {
    element,
    place,
    mode,
    ready: () => !!port,
    post: (message) => port?.postMessage(message),
    retry() {
      if (failed && !port) element.src = src;
    },
    remove() {
      over.abort();
      port?.close();
      element.remove();
    },
  };
}
