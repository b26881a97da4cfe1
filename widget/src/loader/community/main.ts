// Puts a community into every element that asks for one: `<div data-stalk-community="live-1">`, or without a key the chat of the page itself.
// A part that the loader's second one imports with the first such element.

import type { FromCommunity, ToCommunity } from '../../shared/community-port';
import type { Core } from '../core';

export interface Communities {
  /** The page, or who one is, may have changed. */
  look(): void;
  end(): void;
}

interface Placed {
  place: HTMLElement;
  look(): void;
  remove(): void;
}

const SHEET = `:host{display:block}iframe{display:block;width:100%;height:100%;min-height:min(420px,80vh);border:0;border-radius:12px;color-scheme:light dark}.dark{color-scheme:dark}.light{color-scheme:light}`;

/** The page as the shop names it, where that is one of its own. */
function canonical(): string {
  const named = document.querySelector<HTMLLinkElement>('link[rel=canonical]')?.href;
  return named && new URL(named).origin === location.origin ? named : location.href;
}

export default function communities(core: Core): Communities {
  const [base, site, , , connection, , state, get, set, , own, , visit, , language, , forget] = core;
  const placed: Placed[] = [];

  const put = (place: HTMLElement): Placed => {
    const element = document.createElement('iframe');
    const over = new AbortController();
    let port: MessagePort | undefined;
    let told = '';

    const look = (): void => {
      element.className = state.settings?.theme || 'auto';
      const init: ToCommunity = {
        t: 'init', site, device: own('device'), language: language(), visit: '', ticket: get('ticket') || null,
        key: place.dataset['stalkCommunity'] || '', url: canonical(), title: document.title,
      };
      const now = JSON.stringify(init);
      if (!port || !init.ticket || now === told) return;
      told = now;
      port.postMessage({ ...init, visit: visit() });
    };

    const heard = ({ ticket }: FromCommunity): void => {
      // Another tab may hold a newer one already.
      if (get('ticket') === ticket) {
        set('ticket', '');
        forget(4100);
        connection.drop();
      }
      look();
    };

    addEventListener(
      'message',
      (event) => {
        if (event.source !== element.contentWindow || event.origin !== base || event.data?.t !== 'ready') return;
        const channel = new MessageChannel();
        port?.close();
        port = channel.port1;
        port.onmessage = (message) => heard(message.data as FromCommunity);
        told = '';
        element.contentWindow!.postMessage({ stalk: 1, t: 'port' }, base, [channel.port2]);
        look();
      },
      { signal: over.signal },
    );

    element.dataset['testid'] = 'stalk-community';
    element.title = /^ko/i.test(language()) ? '함께하는 채팅' : 'Live chat';
    element.src = base + '/community?site=' + encodeURIComponent(site);
    const root = place.shadowRoot || place.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(SHEET);
    root.adoptedStyleSheets = [sheet];
    root.append(element);

    return {
      place,
      look,
      remove() {
        over.abort();
        port?.close();
        element.remove();
      },
    };
  };

  return {
    look() {
      const wanted = [...document.querySelectorAll<HTMLElement>('[data-stalk-community]')];
      for (let i = placed.length; i--; ) if (!wanted.includes(placed[i]!.place)) placed.splice(i, 1)[0]!.remove();
      for (const place of wanted) if (!placed.some((one) => one.place === place)) placed.push(put(place));
      for (const one of placed) one.look();
    },
    end() {
      for (const one of placed.splice(0)) one.remove();
    },
  };
}
