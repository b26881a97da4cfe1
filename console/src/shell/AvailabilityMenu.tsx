/** What this operator chose: online, away, offline. */
import { Menu, UnstyledButton } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Availability, Me } from "../api/types";
import { useMe } from "../session";
import { Dot } from "../ui/Dot";
import { toast } from "./Toasts";
import rail from "./Rail.module.css";
import styles from "./Menus.module.css";

const CHOICES: readonly Availability[] = ["online", "away", "offline"];

export function AvailabilityMenu() {
  const { t } = useTranslation();
  const { operator } = useMe();
  const client = useQueryClient();
  const now = operator.availability;
  const put = (availability: Availability): void => {
    client.setQueryData<Me>(["me"], (me) => me && { ...me, operator: { ...me.operator, availability } });
  };
  const change = useMutation({
    mutationFn: (availability: Availability) => call<Me>("PATCH", "/me", { body: { availability } }),
    onMutate: (availability) => {
      put(availability);
      return now;
    },
    onSuccess: (me) => client.setQueryData(["me"], me),
    onError: (_error, _chosen, before) => {
      if (!before) return;
      put(before);
      toast(t("availability.failed", { availability: t(`availability.${before}`) }));
    },
  });
  return (
    <Menu position="right-end" width={272}>
      <Menu.Target>
        <UnstyledButton className={rail["availability"]} data-testid="availability" data-availability={now}
          aria-label={`${t("availability.label")}: ${t(`availability.${now}`)}`}>
          <Dot state={now} size={12} /><span>{t(`availability.${now}`)}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("availability.label")}</Menu.Label>
        {CHOICES.map((one) => (
          <Menu.Item key={one} data-testid={`availability-${one}`} onClick={() => change.mutate(one)} leftSection={<Dot state={one} size={10} />}
            rightSection={one === now ? <IconCheck size={16} stroke={1.75} /> : null}>
            <div>{t(`availability.${one}`)}</div>
            <div className={styles["hint"]}>{t(`availability.${one}_hint`)}</div>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
