// The part of the mock behind the settings: sites whole, people, invitations, tags, canned responses, one's own profile and logins.
import { randomUUID } from "node:crypto";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const TEXTS = { title: "", greeting: "", placeholder: "", offline_intro: "", prechat_intro: "", away: "" };
const problem = (status, code, message, extra = {}) => ({ status, body: { code, message, ...extra } });
const listed = (items) => ({ body: { items, next_cursor: null } });

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
function merge(into, from) {
  for (const [name, value] of Object.entries(from)) {
    if (isObject(value) && isObject(into[name])) merge(into[name], value);
    else into[name] = value;
  }
}

export const siteExtras = () => ({
  time_zone: "Asia/Seoul", business_hours: { always: true }, members: null, open_now: true, answer_goal_min: 2, routing: { mode: "least_busy", reassign_after_s: null }, last_seen_url: null,
  settings: {
    theme: "auto", launcher: "circle", launcher_label: { ko: "", en: "" }, offset_x: 20, offset_y: 20, texts: { ko: { ...TEXTS }, en: { ...TEXTS } }, prechat: { enabled: false, name: "optional", email: "optional", question: true },
    files: { enabled: true, max_mib: 10, types: "all" }, typing_preview: false, rating: true, transcript: true, visitor_data: true, sound: true, identity_required: false, show_operators: true, community: false, follow_language: true, cookie_domain: null,
  },
});

export function addAdmin(world) {
  const now = Date.now();
  const { me, operators } = world;
  Object.assign(me, { theme: "auto", density: "comfortable", time_zone: null, notifications: { sound: true, sound_repeat: false, desktop: false } });
  if (process.env.ROLE) me.role = process.env.ROLE;
  for (const [index, one] of operators.entries()) Object.assign(one, { photo_url: null, capacity: index === 1 ? 8 : null, deactivated_at: null, email: one.email ?? `${["", "jun", "sofia", "dohyun"][index]}@bichon.co` });
  operators.push({ id: randomUUID(), name: "최예린", role: "operator", availability: "offline", present: false, email: "yerin@bichon.co", photo_url: null, capacity: null, deactivated_at: now - 40 * DAY });
  if (process.env.EMPTY === "first") world.sites.length = 0;
  for (const site of world.sites) Object.assign(site, siteExtras(), { last_seen_url: site.last_seen_at ? "https://bichon.co/products/cashmere-cardigan" : null });
  const by = { id: me.id, name: me.name };
  world.invitations = [
    { id: randomUUID(), email: "haneul.kim@bichon.co", role: "operator", invited_by: by, created_at: now - 2 * DAY, expires_at: now + 5 * DAY },
    { id: randomUUID(), email: "a-very-long-address-of-a-new-colleague@subsidiary.bichon.example.com", role: "admin", invited_by: by, created_at: now - 8 * DAY, expires_at: now - DAY },
  ];
  world.tags = [["환불", 0, 42], ["배송", 3, 118], ["VIP", 5, 9], ["wholesale-inquiry-europe", 1, 3], ["사이즈 문의", 6, 71]].map(([name, color, conversations]) => ({ id: randomUUID(), name, color, conversations }));
  world.canned = [
    ["인사", "안녕하세요, {{visitor.name|고객}} 님. {{site.name}}의 {{operator.name}}이에요. 무엇을 도와드릴까요?"],
    ["ship-eu", "We ship to the whole European Union in 5 to 8 working days. Shipping is free above 150 EUR; customs are included, so nothing is due at your door.\n\nYou can follow your parcel at https://bichon.co/orders."],
    ["교환", "교환은 받으신 날부터 14일 안에 신청하실 수 있어요. 택을 떼지 않은 상태여야 해요."],
  ].map(([shortcut, text], index) => ({ id: randomUUID(), shortcut, text, site_id: index === 1 ? world.sites[0]?.id ?? null : null, updated_at: now - index * 3 * DAY, created_by: by }));
  world.logins = [
    { id: "a", current: true, user_agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0 Safari/537.36", address: "211.36.141.20", created_at: now - 3 * DAY, last_seen_at: now },
    { id: "b", current: false, user_agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1", address: "2001:db8:85a3::8a2e:370:7334", created_at: now - 20 * DAY, last_seen_at: now - 50 * MINUTE },
    { id: "c", current: false, user_agent: null, address: null, created_at: now - 60 * DAY, last_seen_at: now - 12 * DAY },
  ];
  world.secrets = new Map();
}

const secretOf = (world, id) => {
  if (!world.secrets.has(id)) world.secrets.set(id, { secret: randomUUID().replaceAll("-", "") + randomUUID().replaceAll("-", ""), rotated_at: null });
  return world.secrets.get(id);
};

/** An answer, or undefined for what the rest of the mock knows. */
export function adminRoute(world, method, [area, id, ...rest], url, body) {
  const { me, operators } = world;
  const administers = me.role !== "operator";
  if (area === "me" && id === "password") return body.current_password === "wrong" ? problem(422, "invalid", "the current password is another one", { fields: { current_password: "this is not your password" } }) : { status: 204 };
  if (area === "me" && id === "login-sessions") {
    if (method === "DELETE") { world.logins = world.logins.filter((one) => one.id !== rest[0]); return { status: 204 }; }
    return listed(world.logins);
  }
  if (area === "me" && id === "photo") { me.photo_url = method === "PUT" ? "/console/favicon.svg" : null; return method === "PUT" ? { body: { operator: me, tenant: world.tenant, widget_url: "https://chat.example.com" } } : { status: 204 }; }
  if (area === "operators" && method === "GET") return listed(operators.filter((one) => url.searchParams.get("all") === "true" || !one.deactivated_at));
  if (area === "operators") {
    const one = operators.find((other) => other.id === id);
    if (!administers) return problem(403, "forbidden", "only owners and admins change operators");
    if (one.role === "owner" && (body.role || body.deactivated)) return problem(409, "conflict", "the last active owner stays: make somebody else an owner first");
    if (body.role) one.role = body.role;
    if ("capacity" in body) one.capacity = body.capacity;
    if ("deactivated" in body) one.deactivated_at = body.deactivated ? Date.now() : null;
    return { body: one };
  }
  if (area === "invitations") return invitationRoute(world, method, id, rest, body);
  if (area === "tags") {
    const tag = world.tags.find((one) => one.id === id);
    if (method === "GET") return listed(world.tags);
    if (method !== "DELETE" && body.name && world.tags.some((one) => one.name === body.name && one !== tag)) return problem(422, "invalid", "name", { fields: { name: "there is a tag of this name" } });
    if (method === "POST") { const made = { id: randomUUID(), color: 0, conversations: 0, ...body }; world.tags.push(made); return { status: 201, body: made }; }
    if (method === "DELETE") { world.tags = world.tags.filter((one) => one !== tag); return { status: 204 }; }
    return { body: Object.assign(tag, body) };
  }
  if (area === "canned-responses") {
    const held = world.canned.find((one) => one.id === id);
    if (method === "GET") return listed(world.canned);
    if (method !== "DELETE" && world.canned.some((one) => one.shortcut === body.shortcut && one !== held)) return problem(422, "invalid", "shortcut", { fields: { shortcut: "there is a canned response of this shortcut" } });
    if (method === "POST") { const made = { id: randomUUID(), site_id: null, updated_at: Date.now(), created_by: { id: me.id, name: me.name }, ...body }; world.canned.push(made); return { status: 201, body: made }; }
    if (method === "DELETE") { world.canned = world.canned.filter((one) => one !== held); return { status: 204 }; }
    return { body: Object.assign(held, body, { updated_at: Date.now() }) };
  }
  if (area === "sites" && rest[0] === "identity-secret") {
    if (method === "POST") world.secrets.set(id, { secret: randomUUID().replaceAll("-", "") + randomUUID().replaceAll("-", ""), rotated_at: Date.now() });
    return { body: secretOf(world, id) };
  }
  if (area === "sites" && id && method === "PATCH") {
    const site = world.sites.find((one) => one.id === id);
    if (body.settings?.texts?.en?.title === "refuse") return problem(422, "invalid", "title", { fields: { "settings.texts.en.title": "this shop does not allow that word" } });
    const { business_hours, ...others } = body;
    merge(site, others);
    if (business_hours) site.business_hours = business_hours;
    return { body: site };
  }
  return undefined;
}

function invitationRoute(world, method, id, rest, body) {
  const held = world.invitations.find((one) => one.id === id);
  if (method === "GET") return listed(world.invitations);
  if (method === "DELETE") { world.invitations = world.invitations.filter((one) => one !== held); return { status: 204 }; }
  if (rest[0] === "resend") return { body: Object.assign(held, { created_at: Date.now(), expires_at: Date.now() + 7 * DAY }) };
  if (!/@.+\./.test(body.email)) return problem(422, "invalid", "email", { fields: { email: "must be an e-mail address such as name@example.com" } });
  const made = { id: randomUUID(), email: body.email, role: body.role, invited_by: { id: world.me.id, name: world.me.name }, created_at: Date.now(), expires_at: Date.now() + 7 * DAY };
  world.invitations.push(made);
  return { status: 201, body: made };
}
