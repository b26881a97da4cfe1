/** Colour, scheme, launcher and place of the chat; the picture beside follows every change. */
import { Input, Slider, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LANGUAGES, type Site } from "../api/admin";
import { Card } from "../form/Card";
import { Segments } from "../form/Choice";
import { ToggleRow } from "../form/ToggleRow";
import type { Form } from "../form/use-form";
import { ColorField } from "./ColorField";
import type { PreviewState } from "./WidgetPreview";
import styles from "./Site.module.css";

const FURTHEST = 200;

export default function AppearanceSection({ form, onPreview }: { form: Form<Site>; onPreview: (state: PreviewState) => void }) {
  const { t } = useTranslation();
  const { values, set, errorOf, locked } = form;
  const { settings } = values;
  return (
    <>
      <Card title={t("site.colors")}>
        <ColorField value={values.color} disabled={locked} error={errorOf("color")} onChange={(color) => set("color", color)} />
        <Segments label={t("site.theme")} hint={t("site.theme_hint")} value={settings.theme} disabled={locked} error={errorOf("settings.theme")} testId="site-theme" onChange={(theme) => set("settings.theme", theme)}
          options={[{ value: "auto", label: t("site.theme_auto") }, { value: "light", label: t("site.theme_light") }, { value: "dark", label: t("site.theme_dark") }]} />
      </Card>
      <Card title={t("site.launcher")} hint={t("site.launcher_hint")}>
        <Segments label={t("site.launcher_style")} value={settings.launcher} disabled={locked} error={errorOf("settings.launcher")} testId="site-launcher" onChange={(launcher) => { set("settings.launcher", launcher); onPreview("closed"); }}
          options={[{ value: "circle", label: t("site.launcher_circle") }, { value: "pill", label: t("site.launcher_pill") }, { value: "hidden", label: t("site.launcher_hidden") }]} />
        {settings.launcher === "pill" && (
          <div className={styles["pair"]}>
            {LANGUAGES.map((language) => (
              <TextInput key={language} label={t("site.launcher_label", { language: t(`language.${language}`) })} lang={language} maxLength={40} placeholder={t("site.launcher_label_usual", { lng: language })} value={settings.launcher_label[language]} disabled={locked}
                error={errorOf(`settings.launcher_label.${language}`)} onFocus={() => onPreview("closed")} onChange={(event) => set(`settings.launcher_label.${language}`, event.currentTarget.value)} />
            ))}
          </div>
        )}
        <Segments label={t("site.side")} value={values.side === "left" ? "left" : "right"} disabled={locked} error={errorOf("side")} testId="site-side" onChange={(side) => set("side", side)}
          options={[{ value: "left", label: t("site.side_left") }, { value: "right", label: t("site.side_right") }]} />
        <div className={styles["pair"]}>
          {(["offset_x", "offset_y"] as const).map((name) => (
            <Input.Wrapper key={name} label={t(`site.${name}`)} description={t(`site.${name}_hint`)} error={errorOf(`settings.${name}`)} labelElement="div">
              <div className={styles["slider"]}>
                <Slider min={0} max={FURTHEST} step={2} value={Math.min(settings[name], FURTHEST)} disabled={locked} label={null} thumbLabel={t(`site.${name}`)} onChange={(px) => set(`settings.${name}`, px)} />
                <output>{settings[name]} px</output>
              </div>
            </Input.Wrapper>
          ))}
        </div>
      </Card>
      <Card title={t("site.people")}>
        <ToggleRow label={t("site.show_operators")} hint={t("site.show_operators_hint")} checked={settings.show_operators} disabled={locked} error={errorOf("settings.show_operators")} onChange={(on) => set("settings.show_operators", on)} />
        <ToggleRow label={t("site.sound")} hint={t("site.sound_hint")} checked={settings.sound} disabled={locked} error={errorOf("settings.sound")} onChange={(on) => set("settings.sound", on)} />
      </Card>
    </>
  );
}
