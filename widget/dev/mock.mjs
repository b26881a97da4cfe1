// A stand-in for the server while there is none: one site (`demo`) in memory, and an operator who answers.
// `node dev/mock.mjs` serves the widget on 127.0.0.1:8787 and a shop on localhost:8788. drive.mjs imports it.

import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'ws';
import { createModel, OPERATOR } from './mock-log.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = { '.svg': 'image/svg+xml', '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };

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
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.setHeader('access-control-allow-origin', '*');
    if (pathname.startsWith('/files/')) return file(response, pathname.split('/')[2]);
    if (pathname.startsWith('/panel/assets/')) return send(response, normalize(pathname).slice(1));
    response.writeHead(404).end();
  });

  function file(response, id) {
    const held = model.files.get(id);
    if (!held) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': held.attachment.media_type }).end(held.bytes);
  }

  function take(request, response) {
    const name = new URL(request.url, base).searchParams.get('name');
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (state.filesDown) return request.socket.destroy();
      const bytes = Buffer.concat(chunks);
      const media_type = request.headers['content-type'];
      const size = media_type === 'image/png' ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : { width: null, height: null };
      const attachment = { id: randomUUID(), name, media_type, size: bytes.length, ...size };
      model.files.set(attachment.id, { attachment, bytes });
      response.writeHead(201).end(JSON.stringify({ attachment }));
    });
  }

  function fallback(request, response, path) {
    response.setHeader('access-control-allow-origin', '*');
    if (path === 'files') return take(request, response);
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
    if (request.url.startsWith('/ws')) sockets.handleUpgrade(request, socket, head, (ws) => greet(ws, request.headers.origin === base ? 'panel' : 'loader'));
  });
  function greet(ws, kind) {
    const send = (frame) => ws.send(JSON.stringify(frame));
    let peer;
    ws.on('message', (data) => {
      const frame = JSON.parse(data);
      if (frame.t === 'hello') {
        const { welcome, visitor, code, message } = model.hello(frame);
        state.hellos = [...(state.hellos ?? []), frame];
        if (code) return send({ t: 'bye', code, name: '', message }), ws.close(code);
        peer = { kind, visitor: visitor.id, pub: (ch, seq, d) => send({ t: 'pub', ch, seq, d }), hb: (top) => send({ t: 'hb', top }), close: (code) => (send({ t: 'bye', code }), ws.close(code)), cut: () => ws.terminate() };
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

  model.base = base;
  model.end = (visitor) => {
    for (const peer of [...peers]) if (peer.visitor === visitor.id) peer.close(4100);
  };

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
    // What a very careful shop allows, and nothing more.
    response.setHeader('content-security-policy', `default-src 'none'; script-src 'nonce-abc' ${base}; style-src 'nonce-abc'; frame-src ${base}; connect-src ${base} ${base.replace('http', 'ws')}; require-trusted-types-for 'script'`);
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    const product = { '@context': 'https://schema.org', '@graph': [{ '@type': 'Product', name: 'Linen apron', sku: 'LA-1', offers: { '@type': 'Offer', price: 48000, priceCurrency: 'KRW', availability: 'https://schema.org/InStock' } }] };
    const calls = params.get('calls');
    response.end(`<!doctype html><html lang="${params.get('lang') ?? 'en'}"><head><meta name="viewport" content="width=device-width,initial-scale=1"><title>Bichon &amp; Co</title>
<script type="application/ld+json">${JSON.stringify(product)}</script>
<style nonce="abc">body{font:16px/1.5 system-ui;margin:32px;max-width:640px}[data-stalk-inline]{height:520px;margin-top:24px}</style></head>
<body><h1>Linen apron, stone grey</h1><p>₩ 48,000. Washed linen, made in Busan.</p><p><a href="/two?${params}">Next product</a> <a href="#size">Sizes</a></p>
${params.get('inline') ? '<div data-stalk-inline></div>' : ''}${params.get('full') ? '<div data-stalk-full></div>' : ''}
${calls ? `<script nonce="abc">window.stalk=function(){(stalk.q=stalk.q||[]).push(arguments)};${calls}</script>` : ''}
${params.get('old') ? `<script nonce="abc">window.stalkConfig={server:${JSON.stringify(base)},id:'demo'}</script><script src="${base}/widget.js"></script>` : `<script async src="${base}/w.js" data-site="${params.get('site') ?? 'demo'}"></script>`}</body></html>`);
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
      await new Promise((done) => (http.close(done), http.closeAllConnections()));
    },
    up: () => listen(http, port, '127.0.0.1'),
    async stop() {
      api.cut();
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
