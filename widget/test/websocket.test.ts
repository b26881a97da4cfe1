import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HEARTBEAT_MISSED } from '../src/shared/link';
import { webSocketLink } from '../src/shared/websocket';
import type { Hello } from '../src/shared/wire';

const sockets: FakeSocket[] = [];

class FakeSocket {
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number }) => void;
  sent: { t: string; id: number }[] = [];
  closed = false;
  constructor() {
    sockets.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  hear(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

const open = () => {
  const closed = vi.fn();
  const link = webSocketLink('ws://node/ws', () => ({}) as Hello, { welcome() {}, pub() {}, tops() {}, closed });
  const socket = sockets.at(-1) as FakeSocket;
  socket.onopen?.();
  socket.hear({ t: 'welcome', heartbeat: 25_000 });
  return { link, socket, closed };
};

describe('the socket', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', FakeSocket);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is lost when an answer does not come within 4 s, though the server goes on speaking', async () => {
    const { link, socket, closed } = open();
    const answer = link.request('message.post', {});
    vi.advanceTimersByTime(3_999);
    socket.hear({ t: 'hb', top: {} });
    expect(closed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(closed).toHaveBeenCalledExactlyOnceWith(HEARTBEAT_MISSED, undefined, true);
    expect(socket.closed).toBe(true);
    expect(await answer).toBe(null);
  });

  it('stays when the answer came, and says nothing of what it was asked before it was closed', async () => {
    const { link, socket, closed } = open();
    const answer = link.request('message.post', {});
    socket.hear({ t: 'res', id: socket.sent.at(-1)?.id, ok: { seq: 1 } });
    expect(await answer).toMatchObject({ ok: { seq: 1 } });
    const late = link.request('message.post', {});
    link.close();
    expect(await late).toBe(null);
    vi.advanceTimersByTime(10_000);
    expect(closed).not.toHaveBeenCalled();
  });

  it('is lost when nothing is heard for two and a half heartbeats', () => {
    const { closed } = open();
    vi.advanceTimersByTime(62_499);
    expect(closed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(closed).toHaveBeenCalledOnce();
  });
});
