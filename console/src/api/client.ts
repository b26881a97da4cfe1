/** One door to /api/v1: cookies, idempotency keys, problems as `ApiError`, sign-in when the login session is over. */
import { newId } from "../ids";
import { fieldTexts } from "./field-words";
import type { ApiProblem } from "./types";

/** What the server (or the way to it: code `network`, `timeout`) answered instead of what was asked for. */
export class ApiError extends Error {
  readonly code: string;
  /** Which rule refused it, where the server names one. */
  readonly reason: ApiProblem["reason"];
  readonly status: number;
  readonly fields: Record<string, string>;
  readonly retryAfter: number | null;
  readonly requestId: string | null;

  constructor(status: number, problem: ApiProblem) {
    super(problem.message);
    this.status = status;
    this.code = problem.code;
    this.reason = problem.reason ?? null;
    this.fields = fieldTexts(problem.fields ?? {});
    this.retryAfter = problem.retry_after_ms ?? null;
    this.requestId = problem.request_id ?? null;
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
interface CallOptions { body?: unknown; /** Bytes as they are, instead of a JSON body. */ raw?: Blob; signal?: AbortSignal; key?: string }

/** Leaves for the sign-in page and comes back here afterwards. */
export function goToSignIn(): void {
  const here = location.pathname + location.search;
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === "object" && body !== null && "code" in body && "message" in body) return body as ApiProblem;
  return { code: response.status >= 500 ? "internal" : "invalid", message: `HTTP ${response.status}` };
}

let underWay = 0;
/** Something was asked and is not answered yet. */
export const isAsking = (): boolean => underWay > 0;

export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  underWay += 1;
  try {
    return await asked<T>(method, path, options);
  } finally {
    underWay -= 1;
  }
}

async function asked<T>(method: Method, path: string, options: CallOptions): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["Idempotency-Key"] = options.key ?? newId();
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.raw) headers["Content-Type"] = options.raw.type || "application/octet-stream";
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method, headers, credentials: "same-origin",
      body: options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
      signal: options.signal,
    });
  } catch (cause) {
    const timeout = cause instanceof DOMException && cause.name !== "AbortError" ? "timeout" : "network";
    throw new ApiError(0, { code: options.signal?.aborted ? "timeout" : timeout, message: "The server did not answer." });
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const error = new ApiError(response.status, await problemOf(response));
  if (response.status === 401) goToSignIn();
  throw error;
}

/** `?a=1&b=2` of what is set. */
export function query(params: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}
