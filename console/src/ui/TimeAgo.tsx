/** A relative time that moves on by itself; the absolute one on hover. */
import { useTranslation } from "react-i18next";
import { absolute, relative } from "../time/format";
import { useNow } from "../time/now";

export function useTimeAgo(at: number): string {
  const { i18n } = useTranslation();
  return relative(at, useNow(), i18n.language);
}

export function TimeAgo({ at, className }: { at: number; className?: string }) {
  const { i18n } = useTranslation();
  return <time className={className} dateTime={new Date(at).toISOString()} title={absolute(at, i18n.language)}>{useTimeAgo(at)}</time>;
}
