/** STALK's API for programs. The types are made from the OpenAPI document, so a call that the server does not know does not compile. */
import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema.gen.js";

export type { components, paths } from "./schema.gen.js";
export { verifyWebhook, WebhookError, type WebhookEvent } from "./webhooks.js";

export type Schemas = components["schemas"];

/** What the server refused, in its own words. */
export class StalkError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Record<string, string>;
  readonly retryAfterMs: number | null;

  constructor(status: number, body: { code?: string; message?: string; fields?: Record<string, string> | null; retry_after_ms?: number | null }) {
    super(body.message ?? `HTTP ${status}`);
    this.name = "StalkError";
    this.status = status;
    this.code = body.code ?? (status >= 500 ? "internal" : "invalid");
    this.fields = body.fields ?? {};
    this.retryAfterMs = body.retry_after_ms ?? null;
  }
}

export interface Options {
  /** The console's address, such as https://chat.example.com. */
  baseUrl: string;
  /** `stalk_…` */
  apiKey: string;
  /** How often an answer 429 or 503 is waited for and asked again; 3. */
  retries?: number;
  fetch?: (input: Request) => Promise<Response>;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function patiently(ask: (request: Request) => Promise<Response>, request: Request, retries: number): Promise<Response> {
  for (let left = retries; ; left -= 1) {
    const response = await ask(request.clone());
    // Only what the server itself says is worth another try: it names itself by its key or changes nothing twice.
    if (left <= 0 || ![429, 503].includes(response.status)) return response;
    const body = (await response.clone().json().catch(() => ({}))) as { retry_after_ms?: number };
    await wait(Math.min(body.retry_after_ms ?? 1000, 30_000));
  }
}

const refusals: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return undefined;
    throw new StalkError(response.status, (await response.clone().json().catch(() => ({}))) as Record<string, never>);
  },
};

/** A client whose calls are those of the reference page: `stalk.GET("/api/v1/conversations/{id}", { params: { path: { id } } })`. What is refused is thrown as {@link StalkError}. */
export function stalk({ baseUrl, apiKey, retries = 3, fetch = globalThis.fetch }: Options): Client<paths> {
  const client = createClient<paths>({
    baseUrl: baseUrl.replace(/\/+$/, ""),
    headers: { Authorization: `Bearer ${apiKey}` },
    fetch: (request) => {
      // A POST that is tried again must not make its thing twice.
      if (request.method === "POST" && !request.headers.has("Idempotency-Key")) request.headers.set("Idempotency-Key", crypto.randomUUID());
      return patiently(fetch, request, retries);
    },
  });
  client.use(refusals);
  return client;
}

/** Every item of a list, page by page: `for await (const one of all((cursor) => …))`. */
export async function* all<T>(page: (cursor: string | undefined) => Promise<{ data?: { items: T[]; next_cursor?: string | null } }>): AsyncGenerator<T> {
  for (let cursor: string | undefined; ; ) {
    const { data } = await page(cursor);
    yield* data?.items ?? [];
    if (!data?.next_cursor) return;
    cursor = data.next_cursor;
  }
}
