/** How the chat will look on the shop's page, while the settings are being changed. A picture, not the widget itself. */
import { IconMessageCircle2, IconSend2, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import i18next from "i18next";
import type { Site } from "../api/types";
import { isColor, readable } from "./color";
import styles from "./WidgetPreview.module.css";

export type Look = Pick<Site, "name" | "color" | "side" | "greeting" | "language">;

export function WidgetPreview({ look }: { look: Look }) {
  const { t } = useTranslation();
  // The chat speaks the site's language, not the operator's.
  const said = i18next.getFixedT(look.language);
  const color = isColor(look.color) ? readable(look.color) : "#0f7285";
  return (
    <aside className={styles["aside"]}>
      <h2 className={styles["title"]}>{t("site.preview")}</h2>
      <div className={styles["browser"]} data-side={look.side} lang={look.language} style={{ "--site": color } as React.CSSProperties} aria-hidden="true">
        <div className={styles["bar"]}><i /><i /><i /><span /></div>
        <div className={styles["shop"]}><b /><span /><span /><div><em /><em /><em /></div></div>
        <div className={styles["panel"]}>
          <div className={styles["head"]}><div><strong className="cut">{look.name}</strong><small className="cut">{said("site.preview_reply")}</small></div><IconX size={16} stroke={1.75} /></div>
          <div className={styles["log"]}>
            <p className={styles["theirs"]}>{look.greeting || said("site.greeting_placeholder")}</p>
            <p className={styles["own"]}>{said("site.preview_visitor")}</p>
          </div>
          <div className={styles["write"]}><span>{said("site.preview_write")}</span><IconSend2 size={16} stroke={1.75} /></div>
        </div>
        <div className={styles["launcher"]}><IconMessageCircle2 size={24} stroke={1.75} /></div>
      </div>
    </aside>
  );
}
