// Lets the console be installed, and open without a connection: it keeps the page and its code, and never an answer of the API. On a phone
// it also leads from a notification to its conversation.
const SHELL = "stalk-shell";
const CODE = "stalk-code";
const HOME = "/console/";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || !url.pathname.startsWith(HOME)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith(`${HOME}assets/`)) event.respondWith(code(request));
});

/** The server's page while there is a server: it also knows whether somebody is signed in. */
async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.type === "basic" && !answer.redirected) await keep(answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(HOME, { cacheName: SHELL });
    if (kept) return kept;
    throw error;
  }
}

/** The page without what is different each time it is answered. */
const release = (page) => page.replaceAll(/nonce="[^"]*"/g, "");

/** One page for every address. Another release's code is forgotten with its page. */
async function keep(answer) {
  const shell = await caches.open(SHELL);
  const before = await (await shell.match(HOME))?.text();
  if (before !== undefined && release(before) !== release(await answer.clone().text())) await caches.delete(CODE);
  await shell.put(HOME, answer);
}

/** Names carry a hash of their content: what is here is right. */
async function code(request) {
  const kept = await caches.open(CODE);
  const held = await kept.match(request);
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok) await kept.put(request, answer.clone());
  return answer;
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data));
});

/** In the console that is open, else in a new one. */
async function show(conversation) {
  const [open] = await self.clients.matchAll({ type: "window" });
  if (!open) return self.clients.openWindow(`${HOME}inbox/all/${conversation}`);
  open.postMessage({ conversation });
  // Refused where nobody tapped.
  return open.focus().catch(() => undefined);
}
