/** Webhooks as Standard Webhooks signs them: proof that a delivery came from STALK, is whole, and is fresh. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** What a delivery says; see docs/API.md for what `data` holds. */
export interface WebhookEvent {
  v: 1;
  id: string;
  type: string;
  at: number;
  tenant_id: string;
  site_id: string | null;
  data: Record<string, unknown>;
}

/** The delivery is not what it says it is: answer 400 and do nothing. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

type Headers = Record<string, string | string[] | undefined>;

/** The event of a delivery, or {@link WebhookError}. `body` is the text as it came, before any JSON was read; `now` is in milliseconds. */
export function verifyWebhook(secret: string, headers: Headers, body: string, now = Date.now()): WebhookEvent {
  const header = (name: string): string => {
    const value = headers[name];
    if (typeof value !== "string" || value === "") throw new WebhookError(`the header ${name} is missing`);
    return value;
  };
  const [id, timestamp, signatures] = [header("webhook-id"), header("webhook-timestamp"), header("webhook-signature")];
  const age = Math.abs(now / 1000 - Number(timestamp));
  if (!(age <= 300)) throw new WebhookError("the delivery is older than five minutes, or the clocks differ");
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
  const good = signatures.split(" ").some((one) => {
    const [version, value = ""] = one.split(",");
    const given = Buffer.from(value, "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!good) throw new WebhookError("the signature is not of this secret");
  return JSON.parse(body) as WebhookEvent;
}
