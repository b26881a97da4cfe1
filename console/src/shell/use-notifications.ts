/** The switches of sound and desktop notifications: of the operator's profile, so the same on every device; a browser's own permission comes on top. */
import { useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useCallback, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Me, Notifications } from "../api/types";
import { notifications, setNotifications } from "../live/attention";
import { problemText } from "../problem";
import { useMe } from "../session";
import { toast } from "./Toasts";

/** Takes over what the profile says. */
export function useNotificationSettings(): void {
  const { operator } = useMe();
  const said = operator.notifications;
  useEffect(() => { if (said) setNotifications(said); }, [said]);
}

export function useSetNotifications(): (value: Notifications) => void {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useCallback((value: Notifications) => {
    const before = notifications.get();
    setNotifications(value);
    call<Me>("PATCH", "/me", { body: { notifications: value } }).then((me) => client.setQueryData(["me"], me)).catch((error: unknown) => {
      setNotifications(before);
      toast(t("profile.not_kept", { reason: problemText(t, error) }));
    });
  }, [client, t]);
}

export const desktopAllowed = (): boolean => typeof Notification !== "undefined" && Notification.permission === "granted";

/** Whether they are on afterwards: the browser asks the person once, and says no for ever when it was told no. */
export async function askDesktop(wanted: boolean, t: TFunction): Promise<boolean> {
  if (!wanted) return false;
  if (typeof Notification === "undefined" || (await Notification.requestPermission()) !== "granted") {
    toast(t("profile.desktop_blocked"));
    return false;
  }
  return true;
}
