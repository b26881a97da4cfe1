/** This operator's availability: shown at once, put back with a word when the server refuses. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Availability, Me } from "../api/types";
import { useMe } from "../session";
import { toast } from "./Toasts";

/** `quietly`: nobody asked for it, so nobody is told where it fails. */
interface Wanted { availability: Availability; quietly: boolean }

export function useAvailability(): { now: Availability; choose: (availability: Availability, quietly?: boolean) => void } {
  const { t } = useTranslation();
  const { operator } = useMe();
  const client = useQueryClient();
  const now = operator.availability;
  const put = (availability: Availability): void => {
    client.setQueryData<Me>(["me"], (me) => me && { ...me, operator: { ...me.operator, availability } });
  };
  const { mutate } = useMutation({
    mutationFn: ({ availability }: Wanted) => call<Me>("PATCH", "/me", { body: { availability } }),
    onMutate: ({ availability }) => {
      put(availability);
      return now;
    },
    onSuccess: (me) => client.setQueryData(["me"], me),
    onError: (_error, { quietly }, before) => {
      if (!before) return;
      put(before);
      if (!quietly) toast(t("availability.failed", { availability: t(`availability.${before}`) }));
    },
  });
  const choose = useCallback((availability: Availability, quietly = false) => {
    if (!quietly) localStorage.removeItem("stalk.away_by_itself");
    mutate({ availability, quietly });
  }, [mutate]);
  return { now, choose };
}
