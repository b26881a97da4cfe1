// A stand-in for the server while there is none: one site (`demo`) in memory, and an operator who answers.
// `node dev/mock.mjs` serves the widget on 127.0.0.1:8787 and a shop on localhost:8788. drive.mjs imports it.

import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';
import { createModel, OPERATOR } from './mock-log.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };

export async function startMock({ port = 8787, shopPort = 8788, answers = true } = {}) {
  const peers = new Set(); // {visitor, pub(ch, seq, d), close(code), top()}
  const model = createModel((visitor, ch, d, seq) => {
    for (const peer of [...peers]) if (peer.visitor === visitor && !(model.lose && seq)) peer.pub(ch, seq, d);
  });
  const shopOrigin = `http://localhost:${shopPort}`;
  const base = `http://127.0.0.1:${port}`;
  const state = { wsBlocked: false, answers };

  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url, base);
    if (pathname.startsWith('/widget/v1/')) return fallback(request, response, pathname.slice(11));
    if (pathname === '/panel') {
      response.setHeader('content-security-policy', `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; frame-ancestors ${shopOrigin}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`);
      response.setHeader('cross-origin-embedder-policy', 'require-corp');
      response.setHeader('cross-origin-resource-policy', 'cross-origin');
      return send(response, 'panel/index.html');
    }
    response.setHeader('cross-origin-resource-policy', 'cross-origin');
    if (pathname === '/w.js' || pathname === '/widget.js') return send(response, 'w.js');
    if (pathname.startsWith('/panel/assets/')) return send(response, normalize(pathname).slice(1));
    response.writeHead(404).end();
  });

  function fallback(request, response, path) {
    response.setHeader('access-control-allow-origin', '*');
    let body = '';
    request.on('data', (chunk) => (body += chunk)).on('end', () => {
      const p = JSON.parse(body || '{}');
      state.http = (state.http ?? 0) + 1;
      response.setHeader('content-type', 'application/json');
      if (path === 'hello') {
        const { welcome, code } = model.hello(p);
        return response.writeHead(code ? 403 : 200).end(JSON.stringify(welcome ?? { err: { code: 'forbidden', message: '' } }));
      }
      const visitor = model.visitors.get(request.headers.authorization?.slice(7));
      const answer = visitor ? model.request(visitor, p.m, p.p) : { err: { code: 'unauthenticated', message: '' } };
      response.writeHead(answer.err ? 400 : 200).end(JSON.stringify(answer));
    });
  }

  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    if (state.wsBlocked) return socket.destroy();
    if (request.url.startsWith('/ws')) sockets.handleUpgrade(request, socket, head, (ws) => greet(ws));
  });
  function greet(ws) {
    const send = (frame) => ws.send(JSON.stringify(frame));
    let peer;
    ws.on('message', (data) => {
      const frame = JSON.parse(data);
      if (frame.t === 'hello') {
        const { welcome, visitor, code, message } = model.hello(frame);
        state.hellos = [...(state.hellos ?? []), frame];
        if (code) return send({ t: 'bye', code, name: '', message }), ws.close(code);
        peer = { kind: 'ws', visitor: visitor.id, pub: (ch, seq, d) => send({ t: 'pub', ch, seq, d }), hb: (top) => send({ t: 'hb', top }), close: (code) => (send({ t: 'bye', code }), ws.close(code)), cut: () => ws.terminate() };
        peers.add(peer);
        send({ t: 'welcome', ...welcome });
      } else if (frame.t === 'req') {
        const answer = model.request(model.visitorById(peer.visitor), frame.m, frame.p);
        if (!model.mute) send([{ t: 'res', id: frame.id, ...answer }]);
      }
    });
    ws.on('close', () => peers.delete(peer));
  }
  model.visitorById = (id) => [...model.visitors.values()].find((v) => v.id === id);

  const io = new Server(http, { cors: { origin: true }, destroyUpgrade: false });
  io.engine.on('initial_headers', () => {});
  io.use((socket, next) => (state.wsBlocked ? next(new Error('blocked')) : next()));
  io.on('connection', (socket) => {
    const { welcome, visitor, code, message } = model.hello(socket.handshake.auth);
    if (code) return socket.emit('bye', { code, message }), socket.disconnect(true);
    const peer = { kind: 'io', visitor: visitor.id, pub: (ch, seq, d) => socket.emit('pub', { ch, seq, d }), hb: (top) => socket.emit('hb', { top }), close: (code) => (socket.emit('bye', { code }), socket.disconnect(true)), cut: () => socket.conn.transport.socket?.terminate?.() ?? socket.conn.close() };
    peers.add(peer);
    socket.emit('welcome', welcome);
    socket.on('request', ({ m, p }, answer) => {
      const a = model.request(visitor, m, p);
      if (!model.mute) answer(a);
    });
    socket.on('disconnect', () => peers.delete(peer));
  });

  model.onPost = (conversation, entry) => {
    if (!state.answers) return;
    const marks = (read) => {
      conversation.receipts.operator = { delivered: entry.seq, read: read ? entry.seq : conversation.receipts.operator.read };
      model.ephemeral(conversation, 'receipt.advanced', { side: 'operator', participant: OPERATOR.id, ...conversation.receipts.operator });
    };
    setTimeout(() => marks(false), 300);
    setTimeout(() => marks(true), 700);
    setTimeout(() => api.type(conversation, true), 900);
    setTimeout(() => api.say('Thank you, I will look that up. See https://example.com/size-guide for sizes.', conversation), 2200);
  };

  const shop = createServer((request, response) => {
    if (request.url.startsWith('/slow')) return;
    const params = new URL(request.url, shopOrigin).searchParams;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.setHeader('content-security-policy', `default-src 'none'; script-src ${base}; style-src 'self' 'sha256-none'; frame-src ${base}; connect-src ${base} ${base.replace('http', 'ws')}; require-trusted-types-for 'script'`);
    response.end(`<!doctype html><html lang="${params.get('lang') ?? 'en'}"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Bichon &amp; Co</title>
<body><h1>Linen apron, stone grey</h1><p>₩ 48,000. Washed linen, made in Busan.</p><p><a href="/two?${params}">Next product</a> <a href="#size">Sizes</a></p>
<script ${params.get('old') ? '' : 'async'} src="${base}/${params.get('old') ? 'widget' : 'w'}.js" data-site="${params.get('site') ?? 'demo'}"></script></body></html>`);
  });

  const listen = (server, at, host) => new Promise((done) => server.listen(at, host, done));
  await Promise.all([listen(http, port, '127.0.0.1'), listen(shop, shopPort, 'localhost')]);

  const last = () => [...model.conversations.values()].at(-1);
  const api = {
    model, state, peers, base, shopOrigin, last,
    say: (text, c = last()) => model.append(c, 'message.posted', { kind: 'operator', ...OPERATOR }, { kind: 'text', text }),
    type: (c = last(), active = true) => model.ephemeral(c, 'typing.changed', { participant: { kind: 'operator', ...OPERATOR }, active }),
    assign(c = last()) {
      c.assignee = OPERATOR;
      model.append(c, 'conversation.assigned', { kind: 'operator', ...OPERATOR }, { assignee: OPERATOR });
      model.changed(c);
    },
    resolve(c = last()) {
      c.status = 'resolved';
      model.append(c, 'conversation.resolved', { kind: 'operator', ...OPERATOR }, {});
      model.changed(c);
    },
    available(value) {
      model.site.available = value;
      for (const peer of peers) peer.pub('s/t/demo', undefined, { v: 1, id: 'x', type: 'site.availability_changed', at: Date.now(), data: { available: value } });
    },
    heartbeat() {
      for (const peer of peers) peer.hb(Object.fromEntries([...model.conversations.values()].filter((c) => c.visitor === peer.visitor).map((c) => [c.channel, c.log.length])));
    },
    cut() {
      for (const peer of [...peers]) peer.cut();
    },
    async down() {
      api.cut();
      io.disconnectSockets(true);
      await new Promise((done) => (http.close(done), http.closeAllConnections()));
    },
    up: () => listen(http, port, '127.0.0.1'),
    async stop() {
      api.cut();
      io.close();
      http.closeAllConnections();
      shop.closeAllConnections();
      http.close();
      shop.close();
    },
  };
  return api;
}

function send(response, path) {
  const file = join(DIST, path);
  if (!existsSync(file)) return response.writeHead(404).end();
  response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
  if (extname(file) === '.html') return response.end(readFileSync(file));
  createReadStream(file).pipe(response);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock();
  setInterval(() => mock.heartbeat(), 25000);
  process.stdout.write(`shop: ${mock.shopOrigin}  widget: ${mock.base}\n`);
}
