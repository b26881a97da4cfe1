/** What can be done in the chat, and what visitors are told about it. */
import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Need, Site } from "../api/admin";
import { Card } from "../form/Card";
import { Segments } from "../form/Choice";
import { ToggleRow } from "../form/ToggleRow";
import type { Form } from "../form/use-form";
import type { PreviewState } from "./WidgetPreview";
import { Code } from "../ui/Code";
import styles from "./Site.module.css";

const SIZES = [1, 5, 10, 20, 50];

export default function ChatSection({ form, onPreview }: { form: Form<Site>; onPreview: (state: PreviewState) => void }) {
  const { t } = useTranslation();
  const { values, set, errorOf, locked } = form;
  const { prechat, files, ...settings } = values.settings;
  const needs = (["off", "optional", "required"] as Need[]).map((value) => ({ value, label: t(`site.need_${value}`) }));
  const sizes = [...new Set([...SIZES, files.max_mib])].sort((a, b) => a - b);
  return (
    <>
      <Card title={t("site.prechat")}>
        <ToggleRow label={t("site.prechat_on")} hint={t("site.prechat_hint")} checked={prechat.enabled} disabled={locked} error={errorOf("settings.prechat.enabled")} testId="site-prechat"
          onChange={(on) => { set("settings.prechat.enabled", on); onPreview(on ? "prechat" : "chat"); }}>
          {prechat.enabled && (
            <>
              <Segments label={t("site.field_name")} value={prechat.name} options={needs} disabled={locked} error={errorOf("settings.prechat.name")} onChange={(need) => set("settings.prechat.name", need)} />
              <Segments label={t("site.field_email")} value={prechat.email} options={needs} disabled={locked} error={errorOf("settings.prechat.email")} onChange={(need) => set("settings.prechat.email", need)} />
              <ToggleRow label={t("site.prechat_question")} hint={t("site.prechat_question_hint")} checked={prechat.question} disabled={locked} onChange={(on) => set("settings.prechat.question", on)} />
            </>
          )}
        </ToggleRow>
      </Card>
      <Card title={t("site.files")}>
        <ToggleRow label={t("site.files_on")} hint={t("site.files_hint")} checked={files.enabled} disabled={locked} error={errorOf("settings.files.enabled")} onChange={(on) => { set("settings.files.enabled", on); onPreview("chat"); }}>
          {files.enabled && (
            <div className={styles["pair"]}>
              <Segments label={t("site.files_types")} value={files.types} disabled={locked} error={errorOf("settings.files.types")} onChange={(types) => set("settings.files.types", types)}
                options={[{ value: "images", label: t("site.files_images") }, { value: "all", label: t("site.files_all") }]} />
              <Select label={t("site.files_size")} value={String(files.max_mib)} disabled={locked} error={errorOf("settings.files.max_mib")} maw={180} onChange={(value) => set("settings.files.max_mib", Number(value ?? files.max_mib))}
                data={sizes.map((size) => ({ value: String(size), label: `${size} MB` }))} />
            </div>
          )}
        </ToggleRow>
      </Card>
      <Card title={t("site.talking")}>
        <ToggleRow label={t("site.community")} hint={t("site.community_hint")} checked={settings.community} disabled={locked} error={errorOf("settings.community")} testId="site-community"
          onChange={(on) => set("settings.community", on)}>
          {settings.community && <Code label={t("site.community_code")} code={"<div data-stalk-community style=\"height: 480px\"></div>"} wrap />}
        </ToggleRow>
        <ToggleRow label={t("site.typing_preview")} hint={t("site.typing_preview_hint")} checked={settings.typing_preview} disabled={locked} error={errorOf("settings.typing_preview")} testId="site-typing-preview"
          onChange={(on) => { set("settings.typing_preview", on); onPreview("chat"); }}>
          {settings.typing_preview && (
            <blockquote className={styles["quote"]}><b>{t("site.typing_preview_told")}</b><span lang={values.language}>{t("site.typing_told", { lng: values.language })}</span></blockquote>
          )}
        </ToggleRow>
        <ToggleRow label={t("site.rating")} hint={t("site.rating_hint")} checked={settings.rating} disabled={locked} error={errorOf("settings.rating")} onChange={(on) => set("settings.rating", on)} />
        <ToggleRow label={t("site.transcript")} hint={t("site.transcript_hint")} checked={settings.transcript} disabled={locked} error={errorOf("settings.transcript")} onChange={(on) => set("settings.transcript", on)} />
        <ToggleRow label={t("site.visitor_data")} hint={t("site.visitor_data_hint")} checked={settings.visitor_data} disabled={locked} error={errorOf("settings.visitor_data")} onChange={(on) => set("settings.visitor_data", on)} />
      </Card>
    </>
  );
}
