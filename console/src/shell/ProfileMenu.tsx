/** Who I am, how the console looks and sounds to me, and the way out. */
import { ActionIcon, Popover, SegmentedControl, Switch, UnstyledButton, type MantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCommand, IconKeyboard, IconLogout, IconPencil } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { Me } from "../api/types";
import { paletteOpen } from "../commands/commands";
import { bringOther, setLanguage, type Language } from "../i18n";
import { density, type Density } from "../inbox/density";
import { notifications } from "../live/attention";
import { usePreferences } from "../profile/preferences";
import { useMe } from "../session";
import { useStore } from "../store";
import { Avatar } from "../ui/Avatar";
import { openShortcuts } from "./Shortcuts";
import { signOut } from "./sign-out";
import { askDesktop, desktopAllowed, useSetNotifications } from "./use-notifications";
import rail from "./Rail.module.css";
import styles from "./Menus.module.css";

// Form fields come when somebody wants one.
const NameForm = lazy(() => import("./NameForm"));

export function ProfileMenu() {
  const { t } = useTranslation();
  const { operator } = useMe();
  const [name, setName] = useState<NameState>("shown");
  const [opened, { toggle, close }] = useDisclosure(false, { onClose: () => setName("shown") });
  return (
    <Popover opened={opened} onChange={(open) => { if (!open) close(); }} closeOnEscape={name !== "editing"} position="right-end" width={316} trapFocus returnFocus shadow="md" radius="md" transitionProps={{ duration: 120 }}>
      <Popover.Target>
        <UnstyledButton className={rail["profile"]} data-testid="profile-menu" aria-label={t("profile.open", { name: operator.name })} onClick={toggle}>
          <Avatar id={operator.id} name={operator.name} size={36} dot={operator.availability} />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={4} aria-label={t("profile.open", { name: operator.name })} aria-labelledby={undefined}>
        <Self name={name} onName={setName} />
        <div className={styles["group"]}><Preferences /></div>
        <UnstyledButton className={styles["item"]} data-testid="all-commands" onClick={() => { close(); paletteOpen.set(true); }}><IconCommand size={18} stroke={1.75} />{t("shortcuts.palette")}</UnstyledButton>
        <UnstyledButton className={styles["item"]} onClick={() => { close(); openShortcuts(); }}><IconKeyboard size={18} stroke={1.75} />{t("profile.shortcuts")}</UnstyledButton>
        <UnstyledButton className={styles["item"]} data-testid="sign-out" onClick={() => void signOut()}><IconLogout size={18} stroke={1.75} />{t("profile.sign_out")}</UnstyledButton>
      </Popover.Dropdown>
    </Popover>
  );
}

type NameState = "shown" | "editing" | "edited";

function Self({ name, onName }: { name: NameState; onName: (state: NameState) => void }) {
  const { t } = useTranslation();
  const { operator, tenant } = useMe();
  const who = (
    <div className={styles["who"]}>
      <Avatar id={operator.id} name={operator.name} size={36} />
      <div className={styles["names"]}><b className="cut" title={operator.name}>{operator.name}</b><small className="cut" title={operator.email}>{operator.email}</small><small className="cut">{tenant.name}</small></div>
      <ActionIcon autoFocus={name === "edited"} aria-label={t("profile.name_change")} title={t("profile.name_change")} data-testid="profile-name-edit" onClick={() => onName("editing")}><IconPencil size={18} stroke={1.75} /></ActionIcon>
    </div>
  );
  if (name !== "editing") return who;
  return <Suspense fallback={who}><NameForm name={operator.name} onDone={() => onName("edited")} /></Suspense>;
}

function Preferences() {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const { held, prefer } = usePreferences();
  const dense = useStore(density);
  const calls = useStore(notifications);
  const setCalls = useSetNotifications();
  useEffect(bringOther, []);
  const keepLanguage = useMutation({
    mutationFn: (language: Language) => call<Me>("PATCH", "/me", { body: { language } }),
    onSuccess: (me) => client.setQueryData(["me"], me),
  });
  const speak = (language: string): void => {
    void setLanguage(language as Language);
    keepLanguage.mutate(language as Language);
  };
  return (
    <>
      <Choice label={t("profile.language")} value={i18n.language} onChange={speak}
        data={[{ value: "ko", label: t("language.ko") }, { value: "en", label: t("language.en") }]} />
      <Choice label={t("profile.theme")} value={held.theme} onChange={(value) => prefer({ theme: value as MantineColorScheme })}
        data={[{ value: "light", label: t("profile.theme_light") }, { value: "dark", label: t("profile.theme_dark") }, { value: "auto", label: t("profile.theme_auto") }]} />
      <Choice label={t("profile.density")} value={dense} onChange={(value) => prefer({ density: value as Density })}
        data={[{ value: "comfortable", label: t("profile.density_comfortable") }, { value: "compact", label: t("profile.density_compact") }]} />
      <Toggle label={t("profile.sound")} checked={calls.sound} onChange={(sound) => setCalls({ ...calls, sound })} />
      <Toggle label={t("profile.sound_repeat")} checked={calls.sound && calls.sound_repeat} disabled={!calls.sound} onChange={(repeat) => setCalls({ ...calls, sound_repeat: repeat })} />
      <Toggle label={t("profile.desktop")} checked={calls.desktop && desktopAllowed()} onChange={(desktop) => void askDesktop(desktop, t).then((yes) => setCalls({ ...calls, desktop: yes }))} />
    </>
  );
}

interface ToggleProps { label: string; checked: boolean; disabled?: boolean; onChange: (on: boolean) => void }

function Toggle({ label, checked, disabled, onChange }: ToggleProps) {
  return (
    <label className={styles["row"]}>
      <span>{label}</span>
      <Switch aria-label={label} checked={checked} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />
    </label>
  );
}

interface ChoiceProps { label: string; value: string; onChange: (value: string) => void; data: { value: string; label: string }[] }

function Choice({ label, value, onChange, data }: ChoiceProps) {
  return (
    <div className={styles["row"]}>
      <span>{label}</span>
      <SegmentedControl className={styles["segments"]} size="xs" aria-label={label} value={value} onChange={onChange} data={data} />
    </div>
  );
}
