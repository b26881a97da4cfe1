// A server for working on the console alone: the REST contract and the sockets of docs/PROTOCOL.md, in memory, with a
// visitor who answers. `npm run dev:mock`, then `npm run dev` (or open /console/ here after `npm run build`).
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { Server } from "socket.io";
import { createApi } from "./mock-api.mjs";
import { growDesk } from "./mock-desk.mjs";
import { createWorld } from "./mock-world.mjs";

const port = Number(process.env.PORT ?? 28171);
const dist = new URL("../dist/", import.meta.url).pathname;
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self' ws: wss:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".png": "image/png", ".webmanifest": "application/manifest+json" };

const world = createWorld({ empty: process.env.EMPTY === "yes" });
growDesk(world, Number(process.env.MANY ?? 0));
const api = createApi(world);
const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://mock");
  if (url.pathname.startsWith("/api/v1/")) return api(request, response, url);
  if (url.pathname === "/mock/drop") { io.disconnectSockets(true); return response.end("dropped"); }
  if (url.pathname === "/mock/down") { world.down = url.searchParams.get("is") === "yes"; if (world.down) io.disconnectSockets(true); return response.end(String(world.down)); }
  if (url.pathname === "/mock/say") { world.visitorSays(url.searchParams.get("conversation"), url.searchParams.get("text") ?? "…"); return response.end("said"); }
  if (url.pathname === "/mock/latency") { world.latency = Number(url.searchParams.get("ms")); return response.end("slow"); }
  if (url.pathname === "/mock/refuse") { world.refuseNext = true; return response.end("next"); }
  if (url.pathname === "/mock/typing") { world.types(url.searchParams.get("conversation"), url.searchParams.get("who"), url.searchParams.get("text")); return response.end("types"); }
  if (url.pathname.startsWith("/mock/files/")) return fileOf(url.pathname.split("/").at(-1), response);
  if (url.pathname === "/sign-in") return response.end("sign-in");
  if (url.pathname.startsWith("/console")) return file(url.pathname.slice("/console".length), response);
  response.writeHead(302, { Location: "/console/" }).end();
});

function fileOf(id, response) {
  const held = world.files.get(id);
  if (!held) return response.writeHead(404).end();
  const svg = held.bytes.subarray(0, 4).toString() === "<svg";
  return response.writeHead(200, { "Content-Type": svg ? "image/svg+xml" : held.type }).end(held.bytes);
}

async function file(path, response) {
  const wanted = extname(path) ? normalize(path).replace(/^\/+/, "") : "index.html";
  try {
    const body = await readFile(join(dist, wanted));
    response.writeHead(200, { "Content-Type": types[extname(wanted)] ?? "application/octet-stream", "Content-Security-Policy": wanted === "sw.js" ? "default-src 'none'; connect-src 'self'" : policy }).end(body);
  } catch {
    response.writeHead(404).end("not built");
  }
}

const io = new Server(server, { path: "/socket.io/", transports: ["websocket"] });
world.publish = (channel, d, seq) => io.to(channel).emit("pub", { ch: channel, ...(seq === undefined ? {} : { seq }), d });
io.on("connection", (socket) => {
  if (world.down || !world.tokens.delete(socket.handshake.auth.token)) {
    socket.emit("bye", world.down ? { code: 4000, name: "going_away", message: "going away" } : { code: 4100, name: "credential_refused", message: "token refused" });
    return void setTimeout(() => socket.disconnect(true), 20);
  }
  socket.join(world.operatorsChannel);
  socket.emit("welcome", { v: 1, connection: socket.id, heartbeat: 25000, operator: { id: world.me.id, name: world.me.name }, tenant: { id: world.tenant.id } });
  const beat = setInterval(() => socket.emit("hb", { top: Object.fromEntries([...socket.rooms].filter((room) => world.logs.has(room)).map((room) => [room, world.logs.get(room).length])) }), 25000);
  socket.on("disconnect", () => clearInterval(beat));
  socket.on("request", ({ m, p }, answer) => {
    const since = (channel, after) => {
      const log = world.logs.get(channel) ?? [];
      const entries = log.filter((entry) => entry.seq > (after ?? 0)).slice(0, 200);
      return { channel, entries, top: log.length, more: (entries.at(-1)?.seq ?? log.length) < log.length };
    };
    if (m === "channel.join") { socket.join(p.channel); answer({ ok: since(p.channel, p.after) }); }
    else if (m === "channel.leave") { socket.leave(p.channel); answer({ ok: {} }); }
    else if (m === "channel.since") answer({ ok: since(p.channel, p.after) });
    else if (m === "typing.put") answer({ ok: {} });
    else answer({ err: { code: "invalid", message: `unknown request ${m}` } });
  });
});
server.listen(port, "127.0.0.1", () => console.log(`mock on http://127.0.0.1:${port}/console/`));
