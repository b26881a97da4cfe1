// What stands on the shop's page: the round button with its badge and the frame around the panel, in a shadow root.

import { DEFAULT_BRAND, textOn } from '../shared/color';
import type { Site } from '../shared/wire';

const SHEET = `:host{all:initial!important}\
button,iframe{position:fixed;z-index:2147483000;bottom:calc(20px + env(safe-area-inset-bottom));right:20px;border:0;padding:0}\
.left{right:auto;left:20px}\
button{width:56px;height:56px;border-radius:28px;cursor:pointer;box-shadow:0 4px 20px #0004;transition:transform .18s}\
button:hover{transform:scale(1.05)}\
svg{width:28px;vertical-align:middle;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}\
.wait svg{opacity:.4}\
span{position:absolute;top:-4px;right:-4px;min-width:10px;padding:0 6px;border-radius:11px;background:#c92a2a;color:#fff;font:600 12px/22px system-ui}\
iframe{bottom:88px;width:400px;height:min(680px,100dvh - 100px);border-radius:16px;background:Canvas;color-scheme:light dark;box-shadow:0 8px 48px #0004;opacity:0;visibility:hidden;transform:translateY(12px);transition:.2s}\
.on{opacity:1;visibility:visible;transform:none}\
@media(max-width:479.9px){iframe{inset:0;width:100%;height:100%;border-radius:0}button.on{display:none}}\
@media(prefers-reduced-motion){*{transition:none!important}}\
@media print{*{display:none}}`;

const SVG = 'http://www.w3.org/2000/svg';
// Tabler icons (MIT): message and chevron-down.
const CHAT = 'M8 9h8M8 13h6M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-5l-5 3v-3H6a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3z';
const DOWN = 'M6 9l6 6 6-6';

export interface Launcher {
  /** Where the panel's frame goes. */
  root: ShadowRoot;
  button: HTMLButtonElement;
  update(site: Site, open: boolean, waiting: boolean, unread: number, korean: boolean): void;
}

export function createLauncher(): Launcher {
  // Fails in browsers before constructed sheets, and must do so before anything stands on the page.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  const host = document.createElement('div');
  host.id = 'stalk-root';
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet];
  const button = root.appendChild(document.createElement('button'));
  button.dataset.testid = 'stalk-launcher';
  const svg = button.appendChild(document.createElementNS(SVG, 'svg'));
  svg.setAttribute('viewBox', '0 0 24 24');
  const path = svg.appendChild(document.createElementNS(SVG, 'path'));
  const badge = button.appendChild(document.createElement('span'));
  badge.dataset.testid = 'stalk-badge';
  // Beside the body, not in it: pages that replace their body on navigation keep the chat.
  document.documentElement.append(host);

  return {
    root,
    button,
    update(site, open, waiting, unread, korean) {
      const brand = site.color || DEFAULT_BRAND;
      button.style.background = brand;
      button.style.color = textOn(brand);
      button.className = (open ? 'on ' : '') + (waiting ? 'wait ' : '') + site.side;
      path.setAttribute('d', open ? DOWN : CHAT);
      badge.hidden = open || !unread;
      badge.textContent = unread > 99 ? '99+' : '' + unread;
      const label = korean ? '채팅 ' + (open ? '닫기' : '열기') : (open ? 'Close' : 'Open') + ' chat';
      button.ariaLabel = badge.hidden ? label : label + (korean ? `, 새 메시지 ${unread}개` : `, ${unread} unread`);
      button.ariaExpanded = '' + open;
    },
  };
}
