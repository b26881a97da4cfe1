/** What went wrong, in the reader's language where the code has a text, else in the server's words. */
import type { TFunction } from "i18next";
import { ApiError } from "./api/client";

const TOLD = ["network", "forbidden", "not_found", "conflict", "rate_limited", "unavailable", "internal"] as const;

export function problemText(t: TFunction, error: unknown): string {
  if (!(error instanceof ApiError)) return t("problem.internal");
  const code = TOLD.find((one) => one === (error.code === "timeout" ? "network" : error.code));
  return code ? t(`problem.${code}`) : error.message;
}

/** The same for what was refused on purpose: there the server's words say which rule it was. */
export function refusal(t: TFunction, error: unknown): string {
  const decided = error instanceof ApiError && ["forbidden", "conflict"].includes(error.code) && error.message !== "";
  return decided ? error.message : problemText(t, error);
}
