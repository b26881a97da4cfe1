/** How the chat looks on the shop's page while the settings are being changed: a picture in its real sizes and colours. */
import { SegmentedControl } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile, IconMoon, IconSun } from "@tabler/icons-react";
import i18next from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Language, Site } from "../api/admin";
import { isColor } from "./color";
import { palette, textOn } from "./palette";
import { PreviewPanel } from "./PreviewPanel";
import styles from "./WidgetPreview.module.css";

export type PreviewState = "chat" | "prechat" | "away" | "closed";
interface Props { site: Site; state: PreviewState; onState: (state: PreviewState) => void; language?: Language }

export default function WidgetPreview({ site, state, onState, language = site.language }: Props) {
  const { t } = useTranslation();
  const [phone, setPhone] = useState(false);
  const [night, setNight] = useState(false);
  const { settings } = site;
  const dark = settings.theme === "auto" ? night : settings.theme === "dark";
  const brand = isColor(site.color) ? site.color : "#0f7285";
  const states: PreviewState[] = ["chat", ...(settings.prechat.enabled ? ["prechat" as const] : []), "away", "closed"];
  const shown = states.includes(state) ? state : "chat";
  const colors = { "--chat-brand": brand, "--chat-on-brand": textOn(brand), "--chat-tint": palette(brand, dark).tint, "--chat-accent": palette(brand, dark).accent, "--off-x": `${settings.offset_x}px`, "--off-y": `${settings.offset_y}px` };
  return (
    <aside className={styles["aside"]} aria-label={t("site.preview")}>
      <div className={styles["controls"]}>
        <SegmentedControl size="xs" aria-label={t("site.preview_state")} value={shown} onChange={(value) => onState(value as PreviewState)} data={states.map((one) => ({ value: one, label: t(`site.preview_${one}`) }))} />
        <div className={styles["switches"]}>
          {settings.theme === "auto" && (
            <SegmentedControl size="xs" aria-label={t("site.preview_scheme")} value={night ? "dark" : "light"} onChange={(value) => setNight(value === "dark")}
              data={[{ value: "light", label: <Glyph name={t("site.theme_light")}><IconSun size={15} stroke={1.75} /></Glyph> }, { value: "dark", label: <Glyph name={t("site.theme_dark")}><IconMoon size={15} stroke={1.75} /></Glyph> }]} />
          )}
          <SegmentedControl size="xs" aria-label={t("site.preview_device")} value={phone ? "phone" : "desk"} onChange={(value) => setPhone(value === "phone")}
            data={[{ value: "desk", label: <Glyph name={t("site.preview_desk")}><IconDeviceDesktop size={15} stroke={1.75} /></Glyph> }, { value: "phone", label: <Glyph name={t("site.preview_phone")}><IconDeviceMobile size={15} stroke={1.75} /></Glyph> }]} />
        </div>
      </div>
      <div className={styles["stage"]} data-phone={phone || undefined} data-dark={dark || undefined} data-testid="widget-preview" data-side={site.side} data-state={shown} lang={language} style={colors as React.CSSProperties} aria-hidden="true">
        <div className={styles["view"]}>
          <Shop phone={phone} />
          {shown !== "closed" && <PreviewPanel site={site} state={shown} language={language} />}
          {settings.launcher !== "hidden" && !(phone && shown !== "closed") && <Launcher site={site} open={shown !== "closed"} language={language} />}
        </div>
      </div>
      {settings.launcher === "hidden" && <p className={styles["note"]}>{t("site.launcher_hidden_note")} <code>stalk(&apos;open&apos;)</code></p>}
    </aside>
  );
}

const Glyph = ({ name, children }: { name: string; children: React.ReactNode }) => <span className={styles["glyph"]} title={name}>{children}<span className="sr">{name}</span></span>;

function Shop({ phone }: { phone: boolean }) {
  return (
    <>
      <div className={styles["bar"]}>{phone ? <b /> : <><i /><i /><i /><span /></>}</div>
      <div className={styles["shop"]}><b /><div><em /><em /><em /></div><span /><span /><div><em /><em /><em /></div></div>
    </>
  );
}

const CHAT = "M8 9h8M8 13h6M18 4a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-5l-5 3v-3H6a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3z";
const DOWN = "M6 9l6 6 6-6";

function Launcher({ site, open, language }: { site: Site; open: boolean; language: Language }) {
  const pill = site.settings.launcher === "pill" && !open;
  const label = site.settings.launcher_label[language] || i18next.getFixedT(language)("site.launcher_label_usual");
  return (
    <div className={styles["launcher"]} data-pill={pill || undefined}>
      <svg viewBox="0 0 24 24"><path d={open ? DOWN : CHAT} /></svg>
      {pill && <b>{label}</b>}
    </div>
  );
}
