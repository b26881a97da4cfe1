/** The open panel of the preview, in the words the visitor would read. */
import { IconChevronDown, IconPaperclip, IconSend2, IconVolume } from "@tabler/icons-react";
import i18next from "i18next";
import type { Language, Site, TextName } from "../api/admin";
import type { PreviewState } from "./WidgetPreview";
import styles from "./WidgetPreview.module.css";

/** What a visitor reads: the shop's own words, else the usual ones. */
export function textOf(site: Site, language: Language, name: TextName): string {
  const own = site.settings.texts[language][name];
  if (own) return own;
  if (name === "title") return site.name;
  if (name === "greeting" && site.greeting && language === site.language) return site.greeting;
  if (name === "offline_intro") return "";
  // The form before the chat opens with the greeting, where it has no words of its own.
  if (name === "prechat_intro") return textOf(site, language, "greeting");
  return i18next.getFixedT(language)(`site.usual_${name}`);
}

export function PreviewPanel({ site, state, language }: { site: Site; state: PreviewState; language: Language }) {
  const said = i18next.getFixedT(language);
  const text = (name: TextName): string => textOf(site, language, name);
  const { prechat, files, typing_preview: typing } = site.settings;
  return (
    <div className={styles["panel"]}>
      <div className={styles["head"]}>
        <span className={styles["face"]}>{[...text("title")][0]?.toUpperCase()}<i data-on={state !== "away" || undefined} /></span>
        <div><strong className="cut">{text("title")}</strong><small>{state === "away" ? text("away") : said("site.preview_here")}</small></div>
        <IconVolume size={20} stroke={1.75} /><IconChevronDown size={20} stroke={1.75} />
      </div>
      {state === "chat" && (
        <>
          <div className={styles["log"]}>
            <p className={styles["theirs"]}>{text("greeting")}</p>
            <p className={styles["own"]}>{said("site.preview_visitor")}</p>
            <p className={styles["theirs"]}>{said("site.preview_answer")} <u>{site.domains[0] ?? "example.com"}</u></p>
          </div>
          {typing && <p className={styles["told"]}>{said("site.typing_told")}</p>}
          <div className={styles["write"]}>{files.enabled && <IconPaperclip size={20} stroke={1.75} />}<span className="cut">{text("placeholder")}</span><i><IconSend2 size={20} stroke={1.75} /></i></div>
        </>
      )}
      {state === "prechat" && (
        <Fields intro={text("prechat_intro")} button={said("site.preview_start")}
          fields={[prechat.name !== "off" && [said("site.field_name"), prechat.name], prechat.email !== "off" && [said("site.field_email"), prechat.email], prechat.question && [said("site.field_question"), "big"]]} />
      )}
      {state === "away" && <Fields intro={text("offline_intro")} button={said("site.preview_leave")} fields={[[said("site.field_name"), "required"], [said("site.field_email"), "required"], [said("site.field_question"), "big"]]} optional={said("site.field_optional")} />}
    </div>
  );
}

type Field = [string, string] | false;
function Fields({ intro, fields, button, optional }: { intro: string; fields: Field[]; button: string; optional?: string }) {
  return (
    <div className={styles["form"]}>
      {intro && <p>{intro}</p>}
      {fields.map((field) => field && <div key={field[0]} data-big={field[1] === "big" || undefined}><span>{field[0]}{field[1] === "optional" && optional ? ` (${optional})` : ""}</span><i /></div>)}
      <b>{button}</b>
    </div>
  );
}
