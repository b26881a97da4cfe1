// What stands on the shop's page: the button with its badge, in a shadow root. The panel's frame comes later (more/frame.ts).

import { DEFAULT_BRAND, textOn } from '../shared/color';
import type { Settings } from '../shared/wire';

const SHEET = `:host{all:initial!important}\
.left{right:auto;left:var(--x)}\
button{position:fixed;z-index:2147483000;bottom:calc(var(--y) + env(safe-area-inset-bottom));right:var(--x);border:0;padding:0;height:56px;min-width:56px;border-radius:28px;cursor:pointer;box-shadow:0 0 0 1px #0001,0 4px 20px #0004;font:600 15px/56px system-ui}\
button:hover{filter:brightness(1.1)}\
svg{width:28px;vertical-align:middle;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}\
.wait svg{opacity:.4}\
b{margin:0 20px 0 8px}\
b:empty{display:none}\
.pill svg{margin-inline-start:16px}\
i{position:absolute;top:-4px;right:-4px;min-width:10px;padding:0 6px;border-radius:11px;background:#c92a2a;color:#fff;font:600 12px/22px system-ui}\
[hidden]{display:none!important}\
@media print{*{display:none}}`;

const SVG = 'http://www.w3.org/2000/svg';
// Tabler icons (MIT): message and chevron-down.
const CHAT = 'M8 9h8M8 13h6M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-5l-5 3v-3H6a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3z';
const DOWN = 'M6 9l6 6 6-6';

export interface Launcher {
  /** Where the panel's frame goes; its host is not on the page yet. */
  root: ShadowRoot;
  button: HTMLButtonElement;
  update(site: Settings, open: boolean, waiting: boolean, unread: number, korean: boolean): void;
}

/** How much of a phone's lower edge a bar of the shop takes (its "add to cart"): the button stands above it. */
function barHeight(): number {
  let element = innerWidth < 480 ? document.elementFromPoint(innerWidth / 2, innerHeight - 2) : null;
  while (element && !/fix|sti/.test(getComputedStyle(element).position)) element = element.parentElement;
  // Something taller is no bar but a layer over the page.
  const height = element?.clientHeight || 0;
  return height < 150 ? height : 0;
}

export function createLauncher(): Launcher {
  // Fails in browsers before constructed sheets: nothing stands on the page then.
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
  const words = button.appendChild(document.createElement('b'));
  const badge = button.appendChild(document.createElement('i'));
  badge.dataset.testid = 'stalk-badge';

  return {
    root,
    button,
    update(site, open, waiting, unread, korean) {
      const brand = site.color || DEFAULT_BRAND;
      const { style } = button;
      style.background = brand;
      style.color = textOn(brand);
      host.style.cssText = `--x:${site.offset_x ?? 20}px;--y:${(site.offset_y ?? 20) + barHeight()}px`;
      words.textContent = !open && site.launcher == 'pill' ? site.launcher_label || (korean ? '채팅 상담' : 'Chat') : '';
      button.className = (open ? 'on ' : '') + (waiting ? 'wait ' : '') + (words.textContent && 'pill ') + site.side;
      path.setAttribute('d', open ? DOWN : CHAT);
      badge.hidden = open || !unread;
      badge.textContent = unread > 99 ? '99+' : '' + unread;
      const label = korean ? '채팅 ' + (open ? '닫기' : '열기') : (open ? 'Close' : 'Open') + ' chat';
      button.ariaLabel = badge.hidden ? label : label + (korean ? `, 새 메시지 ${unread}개` : `, ${unread} unread`);
      button.ariaExpanded = '' + open;
    },
  };
}
