// The panel's iframe and the one port to it. Nothing is said over `postMessage` but the handshake.

import type { ToLoader, ToPanel } from '../shared/port';
import { listen } from './life';

export interface Frame {
  element: HTMLIFrameElement;
  /** The panel has answered; until then it is not shown. */
  ready(): boolean;
  post(message: ToPanel): void;
  /** Load again if the panel never came (the server was away). */
  retry(): void;
}

export function createFrame(root: ShadowRoot, base: string, site: string, met: () => void, heard: (message: ToLoader) => void): Frame {
  const element = document.createElement('iframe');
  const src = base + '/panel?site=' + encodeURIComponent(site);
  let port: MessagePort | undefined;
  let failed = false;

  listen(window, 'message', (event: MessageEvent) => {
    if (event.source !== element.contentWindow || event.origin !== base || event.data.t !== 'ready') return;
    const channel = new MessageChannel();
    port?.close();
    port = channel.port1;
    port.onmessage = (message) => heard(message.data as ToLoader);
    element.contentWindow!.postMessage({ stalk: 1, t: 'port' }, base, [channel.port2]);
    met();
  });

  element.dataset.testid = 'stalk-panel';
  element.title = 'Chat';
  element.allow = 'autoplay';
  // A page that has loaded and does not ask for its port is the browser's own, about an error.
  element.onload = () => (failed = true);
  element.src = src;
  root.append(element);

  // The keyboard of a phone covers a fixed frame; the visual viewport tells what is left. Desktop keeps the sheet's own size.
  const view = window.visualViewport;
  const fit = (): void => {
    const phone = innerWidth < 480 && view;
    element.style.height = phone ? view.height + 'px' : '';
    element.style.top = phone ? view.offsetTop + 'px' : '';
  };
  listen(view, 'resize', fit);
  listen(view, 'scroll', fit);
  fit();

  return {
    element,
    ready: () => !!port,
    post: (message) => port?.postMessage(message),
    retry() {
      if (failed && !port) element.src = src;
    },
  };
}
