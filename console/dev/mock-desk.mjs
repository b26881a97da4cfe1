// What the mock knows of an operator's work: snoozing, tags, canned responses, drafts, files, search, and visitors' pages.
import { randomUUID } from "node:crypto";

const MINUTE = 60_000;
const problem = (status, code, message, extra = {}) => ({ status, body: { code, message, ...extra } });

/** Gives the mock's world what this needs; `many` is how many more open conversations there are to be. */
export function growDesk(world, many) {
  const now = Date.now();
  world.drafts = new Map();
  world.files = new Map();
  for (const [index, one] of [...world.conversations.values()].entries()) {
    Object.assign(one, { tags: index === 0 ? ["재입고 문의"] : index === 2 ? ["VIP", "배송", "환불"] : [], snoozed_until: null, assigned_at: null, queue_position: null, rating: null });
    growVisitor(world.visitors.get(one.visitor.id), one, index, now);
  }
  if (world.conversations.size === 0) return;
  sendFiles(world, now);
  const last = [...world.conversations.values()].slice(-2);
  for (const one of last) Object.assign(one, { status: "snoozed", snoozed_until: now + 16 * 60 * MINUTE, assignee: { id: world.me.id, name: world.me.name } });
  addMany(world, many, now);
}

function growVisitor(visitor, conversation, index, now) {
  const { url, title, referrer } = visitor.current_page;
  delete visitor.current_page;
  const visit = randomUUID();
  Object.assign(visitor, {
    identified: index % 3 === 2, external_id: index % 3 === 2 ? `customer-${1000 + index}` : null, attributes: index < 4 ? { 등급: "Gold", orders: 4 + index, newsletter: true } : {},
    device: null, time_zone: index % 2 === 1 ? "Europe/Vienna" : "Asia/Seoul", page: { url, title, since: now - 3 * MINUTE }, referrer, campaign: index === 0 ? { source: "naver", medium: "cpc", name: "winter-knit" } : null,
    product: url.includes("/products/") ? { id: "sku-1", name: title.split(" | ")[0], price: "129000", currency: "KRW", image: "/console/favicon.svg", url, in_stock: index !== 0 } : null,
  });
  if (visitor.product) visitor.product.image = null;
  visitor.views = [
    { at: now - 3 * MINUTE, left_at: null, url, title, visit_id: visit }, { at: now - 5 * MINUTE, left_at: now - 3 * MINUTE, url: "https://bichon.co/collections/knit", title: "니트 컬렉션", visit_id: visit },
    { at: now - 6 * MINUTE, left_at: now - 5 * MINUTE, url: "https://bichon.co/", title: "Bichon & Co", visit_id: visit }, { at: now - 1500 * MINUTE, left_at: now - 1499.4 * MINUTE, url: "https://bichon.co/size-guide", title: "사이즈 가이드", visit_id: randomUUID() },
    ...Array.from({ length: 6 }, (_, i) => ({ at: now - (4000 + i * 3) * MINUTE, left_at: now - (3998 + i * 3) * MINUTE, url: `https://bichon.co/journal/${i}`, title: `Journal ${i + 1}`, visit_id: "old" })),
  ];
}

/** A picture and a file from the visitor, a card from the shop. */
function sendFiles(world, now) {
  const conversation = [...world.conversations.values()][3];
  const visitor = world.asSender(conversation.visitor, "visitor");
  const put = (name, media_type, size, width, height) => {
    const attachment = { id: randomUUID(), name, media_type, size, width, height };
    world.files.set(attachment.id, { attachment, bytes: Buffer.from(picture(name)) });
    return attachment;
  };
  const say = (sender, data, minutes) => world.append(conversation, "message.posted", sender, data, { at: now - minutes * MINUTE });
  say(visitor, { kind: "attachment", attachment: put("보풀 사진.png", "image/png", 412_000, 1200, 900) }, 88);
  say(visitor, { kind: "attachment", attachment: put("주문확인서-2026-1119-0042.pdf", "application/pdf", 88_200, null, null) }, 87);
  say(world.asSender(world.operators[1]), { kind: "card", card: { title: "캐시미어 전용 보풀 제거기", text: null, image_url: null, url: "https://bichon.co/products/fabric-shaver", price: "₩24,000", buttons: [{ label: "상품 보기", url: "https://bichon.co/products/fabric-shaver" }] } }, 86);
  conversation.unread = 0;
}

const picture = (name) => `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="900"><defs><linearGradient id="a" x1="0" y1="0" x2="1" y2="1"><stop stop-color="#d9c7ae"/><stop offset="1" stop-color="#8d7a63"/></linearGradient></defs><rect width="1200" height="900" fill="url(#a)"/><g fill="#fff" fill-opacity=".35">${Array.from({ length: 60 }, (_, i) => `<circle cx="${(i * 197) % 1200}" cy="${(i * 131) % 900}" r="${8 + (i % 9) * 3}"/>`).join("")}</g><title>${name}</title></svg>`;

function addMany(world, many, now) {
  const pattern = [...world.conversations.values()].at(-3);
  for (let i = 0; i < many; i += 1) {
    const id = randomUUID();
    const at = now - (9000 + i) * MINUTE;
    const channel = `c/many/${id}`;
    const text = `Question number ${i + 1} about the delivery of order ${100_000 + i}`;
    const one = { ...structuredClone(pattern), id, channel, notes_channel: `n/many/${id}`, assignee: null, last_seq: 1, last_note_seq: 0, unread: i % 3, waiting_since: at, created_at: at, updated_at: at, last_message: { ...pattern.last_message, seq: 1, kind: "text", text, at, sender: world.asSender(pattern.visitor, "visitor") } };
    world.conversations.set(id, one);
    world.logs.set(channel, [{ v: 1, id: randomUUID(), type: "message.posted", at, conversation: id, seq: 1, sender: one.last_message.sender, client_message_id: null, data: { kind: "text", text } }]);
    world.logs.set(one.notes_channel, []);
  }
}

export function deskRoutes(world, page) {
  const { me } = world;
  const announceTo = (channel, type, data, extra = {}) => world.publish(channel, { v: 1, id: randomUUID(), type, at: Date.now(), ...extra, data });
  const all = () => [...world.conversations.values()];

  function search(url) {
    const q = (url.searchParams.get("q") ?? "").toLowerCase();
    const items = all().flatMap((conversation) => {
      const hits = [conversation.channel, conversation.notes_channel].flatMap((channel) => world.logs.get(channel)).flatMap((one) => {
        const at = one.data.text?.toLowerCase().indexOf(q) ?? -1;
        return at < 0 || !one.type.endsWith("posted") ? [] : [{ seq: one.seq, note: one.type === "note.posted", at: one.at, sender_name: one.sender.name ?? conversation.visitor.name ?? conversation.visitor.label, text: one.data.text.slice(0, 200), ranges: [[at, q.length]] }];
      }).slice(-3).reverse();
      const visitor_match = [conversation.visitor.name, conversation.visitor.email].some((text) => text?.toLowerCase().includes(q));
      return hits.length > 0 || visitor_match ? [{ conversation, hits, visitor_match }] : [];
    });
    return { body: page(items, url, (a, b) => b.conversation.updated_at - a.conversation.updated_at) };
  }
  function ofConversation(method, conversation, [what], body) {
    if (what === "tags") {
      conversation.tags = body.tags;
      for (const name of body.tags) if (!world.tags.some((one) => one.name === name)) world.tags.push({ id: randomUUID(), name, color: world.tags.length % 10, conversations: 1 });
      world.announce(conversation);
      announceTo(world.operatorsChannel, "tag.changed", {});
      return { body: conversation };
    }
    if (what === "draft") {
      if (method === "GET") return { body: world.drafts.get(conversation.id) ?? { text: "" } };
      const draft = { conversation_id: conversation.id, ...body, updated_at: Date.now() };
      if (body.text === "") world.drafts.delete(conversation.id);
      else world.drafts.set(conversation.id, draft);
      announceTo(world.operatorsChannel, "draft.changed", { text: body.text, note: body.note, updated_at: draft.updated_at }, { conversation: conversation.id });
      return { status: 204 };
    }
    if (what === "attachment-links") return { body: { links: body.ids.map((id) => ({ id, url: `/mock/files/${id}`, thumbnail_url: `/mock/files/${id}`, expires_at: Date.now() + 60 * MINUTE })) } };
    if (what === "attachments") {
      return { body: { items: world.logs.get(conversation.channel).flatMap((one) => (one.data.kind === "attachment" ? [{ ...one.data.attachment, seq: one.seq, at: one.at, side: one.sender.kind === "visitor" ? "visitor" : "operator" }] : [])) } };
    }
    return null;
  }
  function upload(url, bytes, type) {
    const name = url.searchParams.get("name");
    if (bytes.length > 10_485_760) return problem(413, "too_large", `the file is ${Math.round(bytes.length / 1_048_576)} MB; this site allows 10 MB`);
    const image = /^image\/(png|jpeg|gif|webp)$/.test(type);
    const attachment = { id: randomUUID(), name, media_type: type, size: bytes.length, width: image ? 640 : null, height: image ? 480 : null };
    world.files.set(attachment.id, { attachment, bytes, type });
    return { status: 201, body: { attachment } };
  }
  function visitor(method, id, [what], url, body) {
    const held = world.visitors.get(id);
    if (!held) return problem(404, "not_found", "no such visitor");
    if (what === "page-views") return { body: page(held.views, url) };
    if (method !== "PATCH") return null;
    for (const key of ["name", "email"]) if (key in body) held[key] = body[key];
    for (const [key, value] of Object.entries(body.attributes ?? {})) if (value === null) delete held.attributes[key]; else held.attributes[key] = value;
    for (const one of all()) if (one.visitor.id === id) { Object.assign(one.visitor, { name: held.name, email: held.email }); world.announce(one); }
    return { body: held };
  }
  /** Null where this is none of its business. */
  function route(method, [area, id, ...rest], url, body) {
    if (area === "search") return search(url);
    if (area === "me" && id === "drafts") return { body: { items: [...world.drafts.values()], next_cursor: null } };
    if (area === "visitors") return visitor(method, id, rest, url, body);
    const conversation = area === "conversations" ? world.conversations.get(id) : null;
    return conversation ? ofConversation(method, conversation, rest, body) : null;
  }
  return { route, upload, file: (id) => world.files.get(id), sendsAs: (body) => (body.attachment ? { kind: "attachment", attachment: world.files.get(body.attachment)?.attachment } : body.card ? { kind: "card", card: body.card } : { kind: "text", text: body.text }), me };
}
