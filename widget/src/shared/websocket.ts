// The socket of loader and panel: JSON text frames (PROTOCOL section 1).

import { ANSWER_TIMEOUT, HEARTBEAT_MISSED, type Link, type LinkEvents } from './link';
import type { Answer, Frame, Hello } from './wire';

export function webSocketLink(url: string, hello: () => Hello, on: LinkEvents): Link {
  const pending = new Map<number, (answer: Answer | null) => void>();
  const socket = new WebSocket(url);
  let opened = false;
  let over = false;
  let silence = 10000;
  let alarm: ReturnType<typeof setTimeout>;
  let ids = 0;

  const close = (): void => {
    over = true;
    clearTimeout(alarm);
    socket.close();
    pending.forEach((answer) => answer(null));
    pending.clear();
  };

  const end = (code: number, retryAfter?: number): void => {
    if (over) return;
    close();
    on.closed(code, retryAfter, opened);
  };

  // Also armed before the socket opens: a connect that hangs is a lost one.
  const listen = (): void => {
    clearTimeout(alarm);
    alarm = setTimeout(() => end(HEARTBEAT_MISSED), silence);
  };

  const send = (frame: unknown): void => socket.send(JSON.stringify(frame));

  const take = (frame: Frame): void => {
    if (over) return;
    const { t } = frame;
    if (t === 'welcome') {
      silence = (frame.heartbeat || 25000) * 2.5;
      listen();
      on.welcome(frame);
    } else if (t === 'res') {
      pending.get(frame.id)?.(frame);
      pending.delete(frame.id);
    } else if (t === 'pub') on.pub(frame.ch, frame.d);
    else if (t === 'hb') {
      send({ t });
      on.tops(frame.top);
    } else if (t === 'bye') end(frame.code, frame.retry_after_ms);
  };

  listen();
  socket.onopen = () => {
    opened = true;
    send({ t: 'hello', ...hello() });
  };
  socket.onmessage = (event) => {
    listen();
    // One frame or a batch.
    [JSON.parse(event.data as string)].flat().forEach(take);
  };
  socket.onclose = (event) => end(event.code);

  return {
    request: (m, p) =>
      new Promise((resolve) => {
        const id = ++ids;
        pending.set(id, resolve);
        send({ t: 'req', id, m, p });
        setTimeout(() => pending.has(id) && end(HEARTBEAT_MISSED), ANSWER_TIMEOUT);
      }),
    close,
  };
}
