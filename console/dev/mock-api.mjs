// The REST contract over the mock's memory. Says a refusal for texts that begin with "/refuse" and is slow for "/slow".
import { randomUUID } from "node:crypto";
import { addAdmin, adminRoute, siteExtras } from "./mock-admin.mjs";
import { deskRoutes } from "./mock-desk.mjs";

const page = (items, url, order) => {
  const limit = Number(url.searchParams.get("limit") ?? 50);
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const sorted = order ? [...items].sort(order) : [...items];
  return { items: sorted.slice(from, from + limit), next_cursor: from + limit < sorted.length ? String(from + limit) : null };
};
const problem = (status, code, message, extra = {}) => ({ status, body: { code, message, ...extra } });
const longest = (a, b) => (a.waiting_since ?? Infinity) - (b.waiting_since ?? Infinity) || b.updated_at - a.updated_at;
const newest = (a, b) => b.updated_at - a.updated_at;

export function createApi(world) {
  const { me } = world;
  addAdmin(world);
  const desk = deskRoutes(world, page);
  const all = () => [...world.conversations.values()];
  const answers = new Map();
  const who = (id) => world.operators.find((one) => one.id === id);
  const meOut = () => ({ operator: me, tenant: world.tenant, widget_url: "https://chat.example.com" });

  function list(url) {
    const { status, assignee, site, tag } = Object.fromEntries(url.searchParams);
    return all().filter((one) => (!status || one.status === status) && (!site || one.site.id === site) && (!tag || one.tags.includes(tag))
      && (!assignee || (assignee === "none" ? !one.assignee : one.assignee?.id === (assignee === "me" ? me.id : assignee))));
  }
  function log(channel, url) {
    const entries = (world.logs.get(channel) ?? []).map((one, _, every) => (every.some((other) => other.type === "message.retracted" && other.data.target === one.seq) ? { ...one, data: { kind: "text" } } : one));
    const after = url.searchParams.get("after");
    const before = url.searchParams.get("before");
    const limit = Number(url.searchParams.get("limit") ?? 50);
    const items = after !== null ? entries.filter((one) => one.seq > Number(after)).slice(0, limit) : entries.filter((one) => one.seq < Number(before ?? Infinity)).slice(-limit);
    return { items, top: entries.length };
  }
  function post(conversation, body) {
    if (answers.has(body.client_message_id)) return { body: answers.get(body.client_message_id) };
    if (body.text?.startsWith("/refuse")) return problem(422, "invalid", "the text cannot be sent", { fields: { text: "this shop does not allow that word" } });
    if (!conversation.assignee) change(conversation, "assignee", { operator_id: me.id });
    if (conversation.status === "resolved") change(conversation, "status", { status: "open" });
    const made = world.append(conversation, "message.posted", world.asSender(me), desk.sendsAs(body), { client_message_id: body.client_message_id });
    world.announce(conversation);
    world.visitorReacts(conversation);
    const answer = { message: { id: made.id, seq: made.seq, at: made.at }, conversation: conversation.id, channel: conversation.channel };
    answers.set(body.client_message_id, answer);
    return { body: answer };
  }
  function change(conversation, what, body) {
    if (what === "status") {
      conversation.status = body.status;
      conversation.snoozed_until = body.snoozed_until ?? null;
      const type = { open: "conversation.reopened", resolved: "conversation.resolved", snoozed: "conversation.snoozed" }[body.status];
      world.append(conversation, type, world.asSender(me), body.status === "snoozed" ? { until: conversation.snoozed_until } : {});
    } else {
      const operator = who(body.operator_id);
      conversation.assignee = operator ? { id: operator.id, name: operator.name } : null;
      world.append(conversation, "conversation.assigned", world.asSender(me), { assignee: conversation.assignee });
      if (body.note) world.note(conversation, body.note.text, body.note.client_message_id);
    }
    world.announce(conversation);
    return { body: conversation };
  }
  function conversationRoute(method, id, rest, url, body) {
    if (id === "counts") return { body: { queued: all().filter((one) => one.status === "open" && !one.assignee).length, mine: all().filter((one) => one.status === "open" && one.assignee?.id === me.id).length, open: all().filter((one) => one.status === "open").length, resolved: all().filter((one) => one.status === "resolved").length, snoozed: all().filter((one) => one.status === "snoozed").length, offline_unread: world.offline.filter((one) => !one.read_at).length } };
    if (!id) return { body: page(list(url), url, url.searchParams.get("sort") === "waiting" ? longest : newest) };
    const conversation = world.conversations.get(id);
    if (!conversation) return problem(404, "not_found", "no such conversation");
    if (!rest[0]) return { body: conversation };
    if (rest[0] === "status" || rest[0] === "assignee") return change(conversation, rest[0], body);
    if (rest[0] === "receipt") { const mark = world.receipt(conversation, "operator", body); world.announce(conversation); return { body: mark }; }
    if (rest[0] === "notes") return method === "GET" ? { body: log(conversation.notes_channel, url) } : { body: { message: world.note(conversation, body.text, body.client_message_id) } };
    if (method === "GET") return { body: log(conversation.channel, url) };
    if (method === "POST") return post(conversation, body);
    const edited = method === "PUT";
    const made = world.append(conversation, edited ? "message.edited" : "message.retracted", world.asSender(me), edited ? { target: Number(rest[1]), text: body.text } : { target: Number(rest[1]) });
    world.announce(conversation);
    return { body: { message: made } };
  }
  function siteRoute(method, id, url, body) {
    if (!id && method === "GET") return { body: page(world.sites, url) };
    if (!id) {
      const key = randomUUID().replaceAll("-", "").slice(0, 20);
      if (body.domains.some((one) => !one.includes("."))) return problem(422, "invalid", "domains", { fields: { domains: "not a domain name" } });
      const site = { id: randomUUID(), key, color: "#0f7285", side: "right", greeting: null, reopen_days: 7, offline_email: null, snippet: `<script async src="https://chat.example.com/w.js" data-site="${key}"></script>`, last_seen_at: null, created_at: Date.now(), ...siteExtras(), ...body };
      world.sites.push(site);
      return { status: 201, body: site };
    }
    const site = world.sites.find((one) => one.id === id);
    if (!site) return problem(404, "not_found", "no such site");
    if (method === "PATCH") Object.assign(site, body);
    return { body: site };
  }
  function route(method, [area, id, ...rest], url, body) {
    const admin = adminRoute(world, method, [area, id, ...rest], url, body);
    if (admin) return admin;
    const done = desk.route(method, [area, id, ...rest], url, body);
    if (done) return done;
    if (area === "me" && id === "socket-tokens") { const token = randomUUID(); world.tokens.add(token); return { body: { token, expires_at: Date.now() + 60_000 } }; }
    if (area === "me" && id === "login-session") return { status: 204 };
    if (area === "me") { if (method === "PATCH") Object.assign(me, body); return { body: meOut() }; }
    if (area === "operators") return { body: page(world.operators, url) };
    if (area === "sites") return siteRoute(method, id, url, body);
    if (area === "conversations") return conversationRoute(method, id, rest, url, body);
    if (area === "visitors") {
      const visitor = world.visitors.get(id);
      if (!visitor) return problem(404, "not_found", "no such visitor");
      return { body: rest[0] ? page(all().filter((one) => one.visitor.id === id), url, newest) : visitor };
    }
    if (area === "offline-messages") {
      if (!id) return { body: page(world.offline, url) };
      const message = world.offline.find((one) => one.id === id);
      message.read_at = body.read ? Date.now() : null;
      return { body: message };
    }
    return problem(404, "not_found", "no such address");
  }

  /** What `/mock/refuse` asked for, once. */
  function refused(method) {
    if (method === "GET" || !world.refuseNext) return null;
    world.refuseNext = false;
    return problem(403, "forbidden", "not allowed");
  }

  return async (request, response, url) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const files = url.pathname === "/api/v1/files";
    const body = raw.length > 0 && request.headers["content-type"] === "application/json" ? JSON.parse(raw.toString()) : null;
    const parts = url.pathname.slice("/api/v1/".length).split("/");
    const answer = world.down ? problem(503, "unavailable", "down") : refused(request.method) ?? (files ? desk.upload(url, raw, request.headers["content-type"]) : null) ?? route(request.method, parts, url, body);
    const delay = typeof body?.text === "string" && body.text.startsWith("/slow") ? 2500 : world.latency ?? 60;
    setTimeout(() => {
      response.writeHead(answer.status ?? 200, { "Content-Type": "application/json" });
      response.end(answer.status === 204 ? undefined : JSON.stringify(answer.body));
    }, delay);
  };
}
