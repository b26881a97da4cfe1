// What stands on the shop's page: the round button with its badge and the frame around the panel, in a shadow root.

import { css, parseColor, textOn } from '../shared/color';
import type { Site } from '../shared/wire';

const SHEET = `
:host{all:initial!important}
*{box-sizing:border-box}
button,iframe{position:fixed;z-index:2147483000;inset-inline:auto;bottom:calc(20px + env(safe-area-inset-bottom));right:20px;border:0;padding:0;margin:0}
.left{right:auto;left:20px}
button{width:56px;height:56px;border-radius:50%;cursor:pointer;background:var(--b);color:var(--t);box-shadow:0 1px 3px #0003,0 6px 20px #0003;display:grid;place-items:center;-webkit-tap-highlight-color:transparent;transition:transform .18s}
button:hover{transform:scale(1.05)}
button:active{transform:scale(.96)}
button:focus-visible{outline:3px solid var(--b);outline-offset:3px}
svg{grid-area:1/1;width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round;transition:opacity .18s,transform .18s}
.on svg:first-child,button:not(.on) svg+svg{opacity:0;transform:scale(.6)}
.wait svg{opacity:.4}
span{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#c92a2a;color:#fff;font:600 12px/22px system-ui,sans-serif;text-align:center;box-shadow:0 0 0 2px #fff}
iframe{bottom:calc(88px + env(safe-area-inset-bottom));width:400px;max-width:calc(100vw - 40px);height:min(680px,100vh - 100px);height:min(680px,100dvh - 100px);border-radius:16px;background:Canvas;color-scheme:light dark;box-shadow:0 0 0 1px #0000000f,0 12px 48px #0003;opacity:0;visibility:hidden;transform:translateY(12px);transition:opacity .2s,transform .2s,visibility .2s}
iframe.on{opacity:1;visibility:visible;transform:none}
[hidden]{display:none}
@media(max-width:479.9px){
iframe{inset:0;width:100%;max-width:none;height:100%;border-radius:0}
button.on{display:none}
}
@media(prefers-reduced-motion){*{transition:none!important}}
@media print{:host{display:none!important}}`;

const SVG = 'http://www.w3.org/2000/svg';
// Tabler icons (MIT): message-circle and chevron-down.
const PATHS = [
  'M3 20l1.3 -3.9c-2.324 -3.437 -1.426 -7.872 2.1 -10.374c3.526 -2.501 8.59 -2.296 11.845 .48c3.255 2.777 3.695 7.266 1.029 10.501c-2.666 3.235 -7.615 4.215 -11.574 2.293l-4.7 1',
  'M6 9l6 6l6 -6',
];

export interface Launcher {
  /** Where the panel's frame goes. */
  root: ShadowRoot;
  button: HTMLButtonElement;
  update(site: Site, open: boolean, waiting: boolean, unread: number, korean: boolean): void;
}

export function createLauncher(): Launcher {
  const host = document.createElement('div');
  host.id = 'stalk-root';
  const root = host.attachShadow({ mode: 'open' });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(SHEET);
    root.adoptedStyleSheets = [sheet];
  } catch {
    // Browsers before constructed sheets (iOS 15).
    root.appendChild(document.createElement('style')).textContent = SHEET;
  }
  const button = document.createElement('button');
  button.dataset.testid = 'stalk-launcher';
  button.type = 'button';
  PATHS.forEach((d) => {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    svg.appendChild(document.createElementNS(SVG, 'path')).setAttribute('d', d);
    button.append(svg);
  });
  const badge = document.createElement('span');
  badge.dataset.testid = 'stalk-badge';
  badge.hidden = true;
  button.append(badge);
  root.append(button);
  // Beside the body, not in it: pages that replace their body on navigation keep the chat.
  document.documentElement.append(host);

  return {
    root,
    button,
    update(site, open, waiting, unread, korean) {
      const brand = parseColor(site.color);
      button.style.setProperty('--b', css(brand));
      button.style.setProperty('--t', css(textOn(brand)));
      button.className = (open ? 'on ' : '') + (waiting ? 'wait ' : '') + site.side;
      badge.hidden = open || !unread;
      badge.textContent = unread > 99 ? '99+' : '' + unread;
      const label = korean ? (open ? '채팅 닫기' : '채팅 열기') : open ? 'Close chat' : 'Open chat';
      const news = korean ? `, 읽지 않은 메시지 ${unread}개` : `, ${unread} unread`;
      button.setAttribute('aria-label', badge.hidden ? label : label + news);
      button.setAttribute('aria-expanded', '' + open);
    },
  };
}
