// The panel's way to the server: Socket.IO over a WebSocket (PROTOCOL section 2). Coming back is connection.ts's work, not the library's.

import { io } from 'socket.io-client';
import { ANSWER_TIMEOUT, HEARTBEAT_MISSED, LOST, type Link, type LinkEvents } from '../shared/link';
import type { Answer, Envelope, Hello, Welcome } from '../shared/wire';

interface Bye {
  code?: number;
  retry_after_ms?: number;
}

export function socketLink(hello: () => Hello, on: LinkEvents): Link {
  const socket = io({ transports: ['websocket'], reconnection: false, forceNew: true, timeout: 10_000, auth: (give) => give(hello()) });
  const pending = new Set<(answer: Answer | null) => void>();
  let opened = false;
  let over = false;
  let silence = 10_000;
  let alarm = 0;

  const close = (): void => {
    over = true;
    clearTimeout(alarm);
    socket.disconnect();
    for (const answer of pending) answer(null);
    pending.clear();
  };
  const end = (code: number, retryAfter = 0): void => {
    if (over) return;
    close();
    on.closed(code, retryAfter, opened);
  };
  const listen = (): void => {
    clearTimeout(alarm);
    alarm = window.setTimeout(() => end(HEARTBEAT_MISSED), silence);
  };

  listen();
  socket.io.on('open', () => (opened = true));
  socket.onAny(listen);
  socket.on('welcome', (welcome: Welcome) => {
    silence = (welcome.heartbeat ?? 25_000) * 2.5;
    listen();
    on.welcome(welcome);
  });
  socket.on('pub', ({ ch, d }: { ch: string; d: Envelope }) => on.pub(ch, d));
  socket.on('hb', ({ top }: { top?: Record<string, number> }) => {
    socket.emit('hb');
    on.tops(top ?? {});
  });
  socket.on('bye', (bye: Bye) => end(bye.code ?? LOST, bye.retry_after_ms));
  socket.on('connect_error', () => end(LOST));
  socket.on('disconnect', () => end(LOST));

  return {
    request: (m, p) =>
      new Promise((resolve) => {
        const done = (answer: Answer | null): void => {
          clearTimeout(limit);
          if (pending.delete(done)) resolve(answer);
        };
        const limit = setTimeout(() => end(HEARTBEAT_MISSED), ANSWER_TIMEOUT);
        pending.add(done);
        socket.emit('request', { m, p }, done);
      }),
    close,
  };
}
