// The panel's iframe and the one port to it. Nothing is said over `postMessage` but the handshake.

import type { ToLoader, ToPanel } from '../shared/port';

export interface Frame {
  element: HTMLIFrameElement;
  /** The panel has answered; until then it is not shown. */
  ready(): boolean;
  post(message: ToPanel): void;
  /** Load again if the panel never came (the server was away). */
  retry(): void;
  remove(): void;
}

export function createFrame(root: ShadowRoot, base: string, site: string, met: () => void, heard: (message: ToLoader) => void): Frame {
  const element = document.createElement('iframe');
  const src = base + '/panel?site=' + encodeURIComponent(site);
  let port: MessagePort | undefined;

  const shake = (event: MessageEvent): void => {
    if (event.source !== element.contentWindow || event.origin !== base || event.data?.stalk !== 1 || event.data.t !== 'ready') return;
    const channel = new MessageChannel();
    port?.close();
    port = channel.port1;
    port.onmessage = (message) => heard(message.data as ToLoader);
    element.contentWindow!.postMessage({ stalk: 1, t: 'port' }, base, [channel.port2]);
    met();
  };
  addEventListener('message', shake);

  element.dataset.testid = 'stalk-panel';
  element.title = 'Chat';
  element.allow = 'autoplay';
  element.src = src;
  root.append(element);

  // The keyboard of a phone covers a fixed frame; the visual viewport tells what is left. Desktop keeps the sheet's own size.
  const view = window.visualViewport;
  const fit = (): void => {
    const phone = innerWidth < 480 && view;
    element.style.height = phone ? view.height + 'px' : '';
    element.style.top = phone ? view.offsetTop + 'px' : '';
  };
  view?.addEventListener('resize', fit);
  view?.addEventListener('scroll', fit);
  fit();

  return {
    element,
    ready: () => !!port,
    post: (message) => port?.postMessage(message),
    retry() {
      if (!port) element.src = src;
    },
    remove() {
      removeEventListener('message', shake);
      view?.removeEventListener('resize', fit);
      view?.removeEventListener('scroll', fit);
      port?.close();
      element.remove();
    },
  };
}
