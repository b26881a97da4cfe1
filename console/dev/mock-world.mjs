// The mock's memory: people, sites, conversations with their logs, and a visitor who types, answers and reads.
import { randomUUID } from "node:crypto";
import { STORIES } from "./mock-stories.mjs";

const MINUTE = 60_000;

export function createWorld({ empty }) {
  const now = Date.now();
  const me = { id: randomUUID(), name: "김민아", role: "owner", availability: "online", present: true, email: "mina@bichon.co", language: null };
  const operators = [me, { id: randomUUID(), name: "Jun Park", role: "admin", availability: "online", present: true }, { id: randomUUID(), name: "Sofia Reyes", role: "operator", availability: "away", present: true }, { id: randomUUID(), name: "이도현", role: "operator", availability: "offline", present: false }];
  const tenant = { id: randomUUID(), name: "Bichon & Co" };
  const site = (name, domains, extra) => {
    const key = randomUUID().replaceAll("-", "").slice(0, 20);
    return { id: randomUUID(), key, name, language: "ko", color: "#0f7285", side: "right", greeting: null, domains, reopen_days: 7, offline_email: null, snippet: `<script async src="https://chat.example.com/w.js" data-site="${key}"></script>`, last_seen_at: now - 2 * MINUTE, created_at: now - 90 * 1440 * MINUTE, ...extra };
  };
  const sites = [site("Bichon & Co", ["bichon.co", "www.bichon.co"], { greeting: "안녕하세요, 비숑앤코입니다. 무엇을 도와드릴까요?" })];
  if (!empty) sites.push(site("Bichon Journal", ["journal.bichon.co"], { color: "#a13a9b", language: "en", last_seen_at: null }));
  else sites[0].last_seen_at = null;

  const world = { me, operators, tenant, sites, conversations: new Map(), visitors: new Map(), logs: new Map(), offline: [], tokens: new Set(), operatorsChannel: `o/${tenant.id}`, publish: () => {}, down: false };

  const envelope = (type, extra) => ({ v: 1, id: randomUUID(), type, at: Date.now(), ...extra });
  const entry = (channel, conversation, type, sender, data, extra = {}) => {
    const log = world.logs.get(channel);
    const made = { ...envelope(type), conversation, seq: log.length + 1, sender, client_message_id: null, data, ...extra };
    log.push(made);
    return made;
  };
  const asSender = (person, kind = "operator") => ({ kind, id: person.id, name: person.name ?? null });

  world.announce = (conversation) => {
    conversation.updated_at = Math.max(conversation.updated_at + 1, Date.now());
    world.publish(world.operatorsChannel, envelope("conversation.changed", { data: { conversation } }));
  };
  world.append = (conversation, type, sender, data, extra) => {
    const made = entry(conversation.channel, conversation.id, type, sender, data, extra);
    conversation.last_seq = made.seq;
    if (type === "message.posted") {
      conversation.last_message = { seq: made.seq, sender, kind: data.kind, text: data.text ?? data.attachment?.name ?? data.card?.title ?? "", at: made.at };
      if (sender.kind === "visitor") { conversation.waiting_since ??= made.at; conversation.unread += 1; } else conversation.waiting_since = null;
    }
    world.publish(conversation.channel, made, made.seq);
    return made;
  };
  world.note = (conversation, text, clientId) => {
    const made = entry(conversation.notes_channel, conversation.id, "note.posted", asSender(me), { text }, { client_message_id: clientId });
    conversation.last_note_seq = made.seq;
    world.publish(conversation.notes_channel, made, made.seq);
    return made;
  };
  world.asSender = asSender;
  world.visitorSays = (id, text) => {
    const conversation = world.conversations.get(id) ?? [...world.conversations.values()][0];
    world.append(conversation, "message.posted", asSender(conversation.visitor, "visitor"), { kind: "text", text });
    world.announce(conversation);
  };
  // A colleague, or the visitor with what they have typed so far.
  world.types = (id, who, text) => {
    const conversation = world.conversations.get(id) ?? [...world.conversations.values()][0];
    const participant = who === "colleague" ? asSender(operators[1]) : asSender(conversation.visitor, "visitor");
    world.publish(who === "colleague" ? conversation.channel : conversation.notes_channel, envelope("typing.changed", { conversation: conversation.id, data: { participant, active: true, ...(text ? { text } : {}) } }));
  };
  world.receipt = (conversation, side, mark) => {
    const held = conversation.receipts[side];
    held.delivered = Math.max(held.delivered, mark.delivered ?? 0, mark.read ?? 0);
    held.read = Math.max(held.read, mark.read ?? 0);
    if (side === "operator") conversation.unread = world.logs.get(conversation.channel).filter((one) => one.type === "message.posted" && one.sender.kind === "visitor" && one.seq > held.read).length;
    world.publish(conversation.channel, envelope("receipt.advanced", { conversation: conversation.id, data: { side, participant: me.id, ...held } }));
    return held;
  };
  // After an operator wrote: it arrives, is read, is answered.
  world.visitorReacts = (conversation) => {
    const typing = (active) => world.publish(conversation.channel, envelope("typing.changed", { conversation: conversation.id, data: { participant: asSender(conversation.visitor, "visitor"), active } }));
    setTimeout(() => world.receipt(conversation, "visitor", { delivered: conversation.last_seq }), 500);
    setTimeout(() => { world.receipt(conversation, "visitor", { read: conversation.last_seq }); typing(true); }, 1500);
    setTimeout(() => { typing(false); world.visitorSays(conversation.id, ["네, 알겠어요. 감사합니다", "배송은 얼마나 걸릴까요?", "Great, thank you. One more thing: does it come in grey?"][Math.floor(Math.random() * 3)]); }, 4500);
  };
  if (!empty) for (const story of STORIES) tell(world, story, now, entry);
  if (!empty) addOffline(world, now);
  return world;
}

function tell(world, story, now, entry) {
  const { me, operators, sites, tenant } = world;
  const at = (minutes) => now - minutes * MINUTE;
  const site = sites[story.site ?? 0];
  const visitor = { id: randomUUID(), name: story.name ?? null, email: story.email ?? null, label: `Visitor ${Math.floor(Math.random() * 65536).toString(16).toUpperCase().padStart(4, "0")}`, present: story.present ?? false };
  world.visitors.set(visitor.id, { ...visitor, site_id: site.id, language: story.language ?? "ko", user_agent: story.agent ?? "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1", first_seen_at: at(60 * 24 * 9), last_seen_at: at(story.lines.at(-1)[1]), visits: story.visits ?? 3, current_page: { url: story.page[0], title: story.page[1], referrer: story.referrer ?? null } });
  const id = randomUUID();
  const conversation = { id, channel: `c/${tenant.id}/${id}`, notes_channel: `n/${tenant.id}/${id}`, site: { id: site.id, name: site.name }, visitor, status: "open", assignee: null, last_seq: 0, last_note_seq: 0, last_message: null, waiting_since: null, unread: 0, receipts: { visitor: { delivered: 0, read: 0 }, operator: { delivered: 0, read: 0 } }, page: { url: story.page[0], title: story.page[1] }, previous_id: null, created_at: at(story.lines[0][1]), updated_at: at(story.lines.at(-1)[1]) };
  world.logs.set(conversation.channel, []);
  world.logs.set(conversation.notes_channel, []);
  world.conversations.set(id, conversation);
  const people = { me, jun: operators[1], sofia: operators[2] };
  for (const [who, minutes, what] of story.lines) {
    const sender = who === "v" ? world.asSender(visitor, "visitor") : who === "s" ? { kind: "system", id: tenant.id, name: null } : world.asSender(people[who]);
    if (typeof what === "string") {
      const made = entry(conversation.channel, id, "message.posted", sender, { kind: "text", text: what }, { at: at(minutes) });
      conversation.last_message = { seq: made.seq, sender, text: what, at: made.at };
      if (who === "v") conversation.waiting_since ??= made.at; else conversation.waiting_since = null;
    } else if (what.note) {
      const made = entry(conversation.notes_channel, id, "note.posted", sender, { text: what.note }, { at: at(minutes) });
      conversation.last_note_seq = made.seq;
    } else {
      entry(conversation.channel, id, what.type, sender, what.assignee ? { assignee: { id: people[what.assignee].id, name: people[what.assignee].name } } : (what.data ?? {}), { at: at(minutes) });
      if (what.assignee) conversation.assignee = { id: people[what.assignee].id, name: people[what.assignee].name };
      if (what.type === "conversation.resolved") conversation.status = "resolved";
    }
  }
  const log = world.logs.get(conversation.channel);
  conversation.last_seq = log.length;
  const unread = story.unread ?? 0;
  const theirs = log.filter((one) => one.type === "message.posted" && one.sender.kind === "visitor");
  const readTo = unread > 0 ? (theirs.at(-unread)?.seq ?? 1) - 1 : log.length;
  conversation.receipts = { visitor: { delivered: log.length, read: story.readTo ?? log.length }, operator: { delivered: readTo, read: readTo } };
  conversation.unread = unread;
}

function addOffline(world, now) {
  const [shop, journal] = world.sites;
  const left = (name, email, text, minutes, read, site, page) => world.offline.push({ id: randomUUID(), site: { id: site.id, name: site.name }, visitor_id: randomUUID(), name, email, text, page, at: now - minutes * MINUTE, read_at: read ? now - 30 * MINUTE : null });
  left("최유진", "yujin.choi@naver.com", "안녕하세요. 지난주에 주문한 캐시미어 가디건 사이즈를 M에서 L로 바꿀 수 있을까요? 아직 배송 전이에요.\n주문번호는 2026-1119-0042입니다.", 42, false, shop, { url: "https://bichon.co/orders/2026-1119-0042", title: "주문 상세" });
  left("Donaudampfschifffahrtsgesellschaftskapitän Müller", "kapitaen.mueller@donaudampfschifffahrtsgesellschaft.example.com", "Do you ship to Austria? I could not find it on https://bichon.co/shipping and the FAQ says \"selected countries\".", 380, false, shop, { url: "https://bichon.co/shipping", title: "Shipping" });
  left("정하늘", "sky@example.com", "입고 알림을 받고 싶어요.", 2900, true, journal, null);
}
