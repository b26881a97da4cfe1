/** What the chat says, Korean and English side by side; an empty field says the usual thing, which stands in it in grey. */
import { Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LANGUAGES, TEXTS, type Language, type Site, type TextName } from "../api/admin";
import { Card } from "../form/Card";
import type { Form } from "../form/use-form";
import { textOf } from "./PreviewPanel";
import type { PreviewState } from "./WidgetPreview";
import styles from "./Site.module.css";

const LIMITS: Record<TextName, number> = { title: 60, greeting: 500, placeholder: 120, away: 500, offline_intro: 500, prechat_intro: 500 };
const SEEN: Record<TextName, PreviewState> = { title: "chat", greeting: "chat", placeholder: "chat", away: "away", offline_intro: "away", prechat_intro: "prechat" };

interface Props { form: Form<Site>; onPreview: (state: PreviewState) => void; onLanguage: (language: Language) => void }

export default function TextsSection({ form, onPreview, onLanguage }: Props) {
  const { t } = useTranslation();
  const { values, set, errorOf, locked } = form;
  // A greeting written before the texts had languages is shown where it is used, and moves to its language once it is changed.
  const shown = (language: Language, name: TextName): string => values.settings.texts[language][name] || (name === "greeting" && language === values.language ? values.greeting ?? "" : "");
  const write = (language: Language, name: TextName, text: string): void => {
    set(`settings.texts.${language}.${name}`, text);
    if (name === "greeting" && language === values.language && values.greeting !== null) set("greeting", null);
  };
  const usual = (language: Language, name: TextName): string =>
    textOf({ ...values, greeting: null, settings: { ...values.settings, texts: { ...values.settings.texts, [language]: { ...values.settings.texts[language], [name]: "" } } } }, language, name);
  return (
    <Card quiet title={t("site.section_texts")} hint={t("site.texts_hint")}>
      {TEXTS.filter((name) => name !== "prechat_intro" || values.settings.prechat.enabled).map((name) => (
        <fieldset key={name} className={styles["text"]}>
          <legend>{t(`site.text_${name}`)}</legend>
          <p>{t(`site.text_${name}_hint`)}</p>
          <div className={styles["pair"]}>
            {LANGUAGES.map((language) => {
              const props = {
                "aria-label": `${t(`site.text_${name}`)}, ${t(`language.${language}`)}`, lang: language, label: t(`language.${language}`), value: shown(language, name), placeholder: usual(language, name), maxLength: LIMITS[name], disabled: locked,
                error: errorOf(`settings.texts.${language}.${name}`), onFocus: () => { onPreview(SEEN[name]); onLanguage(language); }, "data-testid": `text-${name}-${language}`,
              };
              return LIMITS[name] > 120
                ? <Textarea key={language} {...props} autosize minRows={3} maxRows={8} onChange={(event) => write(language, name, event.currentTarget.value)} />
                : <TextInput key={language} {...props} onChange={(event) => write(language, name, event.currentTarget.value)} />;
            })}
          </div>
        </fieldset>
      ))}
    </Card>
  );
}
