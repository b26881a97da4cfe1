/** What one prefers, kept with the account so that every browser has it, and put to work here. */
import { useMantineColorScheme } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Preferences } from "../api/admin";
import { call } from "../api/client";
import type { Me } from "../api/types";
import { setLanguage } from "../i18n";
import { setDensity } from "../inbox/density";
import { refusal } from "../problem";
import { useMe } from "../session";
import { toast } from "../shell/Toasts";

export interface PreferenceChange extends Partial<Omit<Preferences, "notifications" | "photo_url">> { notifications?: Partial<Preferences["notifications"]> }

/** What is preferred, and the way to prefer something else: it shows at once and goes back if the server refuses. */
export function usePreferences(): { held: Preferences; prefer: (change: PreferenceChange) => void } {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { operator } = useMe();
  const { setColorScheme } = useMantineColorScheme();
  const held: Preferences = operator;
  const show = (preferred: PreferenceChange): void => {
    if (preferred.language) void setLanguage(preferred.language);
    if (preferred.theme) setColorScheme(preferred.theme);
    if (preferred.density) setDensity(preferred.density);
    client.setQueryData<Me>(["me"], (me) => me && { ...me, operator: { ...me.operator, ...preferred, notifications: { ...held.notifications, ...preferred.notifications } } });
  };
  const save = useMutation({
    mutationFn: (change: PreferenceChange) => call<Me>("PATCH", "/me", { body: change }),
    onSuccess: (me) => client.setQueryData(["me"], me),
  });
  return {
    held,
    prefer: (change) => {
      show(change);
      save.mutate(change, { onError: (error) => { show(held); toast(t("form.failed", { reason: refusal(t, error) })); } });
    },
  };
}
