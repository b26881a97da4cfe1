/** What went wrong, in the reader's language where the code has a text, else in the server's words. */
import type { TFunction } from "i18next";
import { ApiError } from "./api/client";

const TOLD = ["network", "forbidden", "not_found", "conflict", "rate_limited", "unavailable", "internal"] as const;

/** Why a file was refused; a later server may know other reasons. */
const FILES = ["file_too_large", "file_empty", "file_cut", "too_many_pixels", "picture_broken", "pictures_only", "no_files", "space_used_up"] as const;

export function problemText(t: TFunction, error: unknown): string {
  if (!(error instanceof ApiError)) return t("problem.internal");
  const reason = FILES.find((one) => one === error.reason);
  if (reason) return t(`problem.${reason}`);
  const code = TOLD.find((one) => one === (error.code === "timeout" ? "network" : error.code));
  return code ? t(`problem.${code}`) : error.message;
}

/** The same for what was refused on purpose: there the server's words say which rule it was. */
export function refusal(t: TFunction, error: unknown): string {
  const decided = error instanceof ApiError && ["forbidden", "conflict"].includes(error.code) && error.message !== "";
  return decided ? error.message : problemText(t, error);
}
