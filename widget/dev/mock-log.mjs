// The mock's conversations: one site in memory, the log and the requests of PROTOCOL sections 3 to 6.

import { randomUUID } from 'node:crypto';

// Ids are in the order of time, as the server's are.
const uuidv7 = () => Date.now().toString(16).padStart(12, '0').replace(/^(.{8})/, '$1-') + '-7' + randomUUID().slice(15);

export const OPERATOR = { id: randomUUID(), name: 'Mina', photo_url: null };
const LITE = ['name', 'language', 'color', 'side', 'available', 'theme', 'launcher', 'launcher_label', 'offset_x', 'offset_y'];

export function createModel(publish) {
  const visitors = new Map(); // ticket -> visitor
  const conversations = new Map();
  const first = new Map(); // client_message_id -> {body, answer}
  const model = {
    site: {
      name: 'Bichon & Co', language: null, color: '#0f7285', side: 'right', greeting: null, available: true,
      theme: 'auto', launcher: 'circle', launcher_label: null, offset_x: 20, offset_y: 20, texts: {},
      prechat: { enabled: false, name: 'optional', email: 'required', question: true }, files: { enabled: true, max_mib: 1, types: 'all' },
      typing_preview: false, rating: true, transcript: true, visitor_data: true, sound: true,
      operators: [{ name: 'Mina', photo_url: null }, { name: 'Joon', photo_url: null }], reply_time_s: 120, identity_required: false,
    },
    limits: { text: 500 },
    files: new Map(), attributes: [], mails: [], ended: [],
    offline: [], events: [], posts: [], refuseNext: null, delay: 0, visitors, conversations,
  };
  const view = ({ log, visitor, ...rest }) => ({ ...rest, last_seq: log.length });
  model.view = view;
  model.latest = (visitor) => [...conversations.values()].filter((c) => c.visitor === visitor.id).at(-1) ?? null;

  model.append = (conversation, type, sender, data, client_message_id = null) => {
    const seq = conversation.log.length + 1;
    const entry = { v: 1, id: randomUUID(), type, at: Date.now(), conversation: conversation.id, seq, sender, client_message_id, data };
    conversation.log.push(entry);
    publish(conversation.visitor, conversation.channel, entry, seq);
    return entry;
  };
  model.ephemeral = (conversation, type, data) =>
    publish(conversation.visitor, conversation.channel, { v: 1, id: randomUUID(), type, at: Date.now(), conversation: conversation.id, data });
  model.changed = (conversation) =>
    publish(conversation.visitor, 'v/t/' + conversation.visitor, { v: 1, id: randomUUID(), type: 'conversation.changed', at: Date.now(), data: { conversation: view(conversation) } });

  model.begin = (visitor) => {
    const id = uuidv7();
    const zero = () => ({ delivered: 0, read: 0 });
    const conversation = { id, channel: 'c/t/' + id, status: 'open', assignee: null, receipts: { visitor: zero(), operator: zero() }, created_at: Date.now(), queue_position: null, rating: null, visitor: visitor.id, log: [] };
    conversations.set(id, conversation);
    model.changed(conversation);
    return conversation;
  };

  model.hello = (hello) => {
    const known = ['v', 'site', 'ticket', 'device', 'language', 'visit', 'page', 'after', 't', 'lite', 'time_zone', 'identity'];
    const odd = Object.keys(hello).find((key) => !known.includes(key));
    if (odd || hello.v !== 1 || !hello.device || !hello.visit) return { code: 4203, message: 'unknown or missing field: ' + odd };
    if (hello.site !== 'demo') return { code: 4201, message: 'no such site' };
    if (hello.identity && !hello.identity.startsWith('good')) return { code: 4102, message: 'identity refused' };
    let visitor = visitors.get(hello.ticket);
    if (hello.ticket && !visitor) return { code: 4100, message: 'ticket refused' };
    if (!visitor) {
      visitor = { id: randomUUID(), ticket: 'ticket-' + randomUUID(), name: null, email: null };
      visitors.set(visitor.ticket, visitor);
    }
    if (hello.identity) Object.assign(visitor, { identified: true, name: 'Ara Kim', email: 'ara@example.com' });
    if (hello.page) visitor.page = hello.page;
    const conversation = model.latest(visitor);
    const after = conversation && hello.after?.[conversation.id];
    const entries = !conversation ? [] : after === undefined ? conversation.log.slice(-200) : conversation.log.slice(after, after + 200);
    const { ticket, page: _, prechat_done = false, identified = false, ...rest } = visitor;
    const person = { ...rest, prechat_done, identified };
    const site = hello.lite ? Object.fromEntries(LITE.map((key) => [key, model.site[key]])) : { ...model.site };
    const unread = conversation ? conversation.log.filter((e) => e.type === 'message.posted' && e.sender.kind !== 'visitor' && e.seq > conversation.receipts.visitor.read).length : 0;
    return { visitor, welcome: { v: 1, connection: randomUUID(), heartbeat: 25000, ticket, visitor: person, site, conversation: conversation && view(conversation), entries, unread, limits: model.limits } };
  };

  const requests = {
    'message.post'(visitor, p) {
      if ([...(p.text ?? '')].length > model.limits.text) return { err: { code: 'too_large', message: 'text is too long' } };
      const body = JSON.stringify([p.text, p.attachment]);
      const data = p.attachment ? { kind: 'attachment', attachment: model.files.get(p.attachment).attachment } : { kind: 'text', text: p.text };
      const before = first.get(p.client_message_id);
      if (before) return before.body === body ? before.answer : { err: { code: 'conflict', message: 'same id, another body' } };
      const conversation = (p.conversation && conversations.get(p.conversation)) || model.latest(visitor) || model.begin(visitor);
      if (conversation.status === 'resolved') {
        conversation.status = 'open';
        model.append(conversation, 'conversation.reopened', { kind: 'visitor', ...visitor, ticket: undefined }, {});
      }
      const entry = model.append(conversation, 'message.posted', { kind: 'visitor', id: visitor.id, name: null }, data, p.client_message_id);
      const answer = { ok: { message: { id: entry.id, seq: entry.seq, at: entry.at }, conversation: view(conversation), channel: conversation.channel } };
      first.set(p.client_message_id, { body, answer });
      model.posts.push(p);
      model.onPost?.(conversation, entry);
      return answer;
    },
    'channel.since'(visitor, p) {
      const conversation = [...conversations.values()].find((c) => c.channel === p.channel);
      if (!conversation) return { err: { code: 'not_found', message: 'no such channel' } };
      const entries = conversation.log.slice(p.after, p.after + (p.limit ?? 200));
      return { ok: { entries, top: conversation.log.length, more: p.after + entries.length < conversation.log.length } };
    },
    'receipt.put'(visitor, p) {
      const conversation = conversations.get(p.conversation);
      const mine = conversation.receipts.visitor;
      mine.delivered = Math.max(mine.delivered, p.delivered ?? 0);
      mine.read = Math.max(mine.read, p.read ?? 0);
      model.ephemeral(conversation, 'receipt.advanced', { side: 'visitor', participant: visitor.id, ...mine });
      return { ok: { ...mine } };
    },
    'typing.put'(visitor, p) {
      model.typing = p.active;
      model.typed = p.text;
      return { ok: {} };
    },
    'offline.post'(visitor, p) {
      if (/refuse/.test(p.email)) return { err: { code: 'invalid', message: 'bad', fields: { email: 'This address does not take mail.' } } };
      if (!first.has(p.client_message_id)) model.offline.push(p);
      const answer = { ok: { id: randomUUID() } };
      first.set(p.client_message_id, { answer });
      return answer;
    },
    'event.post': (visitor, p) => (model.events.push(...p.events), { ok: { accepted: p.events.length } }),
    'attachment.links': (visitor, p) => ({
      ok: {
        links: p.ids.filter((id) => model.files.has(id)).map((id) => {
          const { attachment } = model.files.get(id);
          const url = `${model.base}/files/${id}/${encodeURIComponent(attachment.name)}?e=1&s=x`;
          return { id, url, thumbnail_url: attachment.media_type.startsWith('image/') ? url + '&t=1' : null, expires_at: Date.now() + 3600_000 };
        }),
      },
    }),
    'visitor.put'(visitor, p) {
      if (/refuse/.test(p.email ?? '')) return { err: { code: 'invalid', message: 'bad', fields: { email: 'This address does not take mail.' } } };
      if (p.attributes) model.attributes.push(p.attributes);
      for (const key of ['name', 'email']) if (p[key]) visitor[key] = p[key];
      visitor.prechat_done ||= !!(p.name || p.email);
      return { ok: {} };
    },
    'conversations.list': (visitor) => ({
      ok: {
        items: [...conversations.values()].filter((c) => c.visitor === visitor.id).reverse().map((c) => {
          const last = c.log.filter((e) => e.type === 'message.posted').at(-1);
          const said = last && { side: last.sender.kind === 'visitor' ? 'visitor' : 'operator', kind: last.data.kind, text: last.data.text ?? last.data.attachment?.name ?? last.data.card?.title, at: last.at };
          return { ...view(c), last_message: said ?? null };
        }),
      },
    }),
    'conversation.resolve'(visitor, p) {
      const conversation = conversations.get(p.conversation);
      conversation.status = 'resolved';
      model.append(conversation, 'conversation.resolved', { kind: 'visitor', id: visitor.id, name: null }, {});
      model.changed(conversation);
      return { ok: {} };
    },
    'rating.put'(visitor, p) {
      const conversation = conversations.get(p.conversation);
      conversation.rating = { score: p.score, comment: p.comment ?? null };
      model.append(conversation, 'rating.given', { kind: 'visitor', id: visitor.id, name: null }, { ...conversation.rating });
      return { ok: {} };
    },
    'email.confirm'(visitor, p) {
      if (p.code && p.code !== '123456') return { err: { code: 'invalid', message: 'wrong code' } };
      if (p.code) visitor.email = p.email;
      return { ok: {} };
    },
    'transcript.mail': (visitor, p) => (model.mails.push({ to: visitor.email, conversation: p.conversation }), { ok: {} }),
    'visitor.export': (visitor) => ({ ok: { visitor: { id: visitor.id, name: visitor.name }, conversations: [] } }),
    'visitor.delete'(visitor) {
      visitors.delete(visitor.ticket);
      for (const [id, c] of conversations) if (c.visitor === visitor.id) conversations.delete(id);
      setTimeout(() => model.end?.(visitor), 20);
      return { ok: {} };
    },
    'site.status': () => ({ ok: { available: model.site.available } }),
  };
  model.request = (visitor, m, p) => {
    if (model.refuseNext && /post/.test(m)) {
      const err = model.refuseNext;
      model.refuseNext = null;
      return { err };
    }
    return requests[m]?.(visitor, p) ?? { err: { code: 'invalid', message: 'unknown method ' + m } };
  };
  return model;
}
