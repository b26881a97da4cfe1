/** What this operator chose: online, away, offline. */
import { Menu, UnstyledButton } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Availability } from "../api/types";
import { useCommands } from "../commands/commands";
import { Dot } from "../ui/Dot";
import { useAvailability } from "./use-availability";
import rail from "./Rail.module.css";
import styles from "./Menus.module.css";

const CHOICES: readonly Availability[] = ["online", "away", "offline"];

export function AvailabilityMenu() {
  const { t } = useTranslation();
  const { now, choose } = useAvailability();
  useCommands(CHOICES.filter((one) => one !== now).map((one) => ({
    id: `availability_${one}`, group: "self", label: t("command.availability", { availability: t(`availability.${one}`) }), run: () => choose(one),
  })));
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
          <Menu.Item key={one} data-testid={`availability-${one}`} onClick={() => choose(one)} leftSection={<Dot state={one} size={10} />}
            rightSection={one === now ? <IconCheck size={16} stroke={1.75} /> : null}>
            <div>{t(`availability.${one}`)}</div>
            <div className={styles["hint"]}>{t(`availability.${one}_hint`)}</div>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
