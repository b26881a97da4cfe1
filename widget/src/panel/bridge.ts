// The one port to the loader. Accepted once, from the parent only; the shop's page itself is never spoken to.

import type { ToLoader, ToPanel } from '../shared/port';

export interface Bridge<Out = ToLoader> {
  post(message: Out): void;
}

export function openBridge<In = ToPanel, Out = ToLoader>(heard: (message: In) => void): Bridge<Out> {
  let port: MessagePort | null = null;
  const early: Out[] = [];

  const accept = (event: MessageEvent): void => {
    const [offered] = event.ports;
    if (port || event.source !== window.parent || event.data?.stalk !== 1 || event.data.t !== 'port' || !offered) return;
    removeEventListener('message', accept);
    port = offered;
    port.onmessage = (message: MessageEvent<In>) => heard(message.data);
    for (const message of early.splice(0)) port.postMessage(message);
  };
  addEventListener('message', accept);
  // Says only that we are here; which page may embed us is decided by `frame-ancestors`.
  window.parent.postMessage({ stalk: 1, t: 'ready' }, '*');

  return {
    post(message) {
      if (port) port.postMessage(message);
      else early.push(message);
    },
  };
}
