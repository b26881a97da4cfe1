/** The tenant's tags: found, named and coloured in place. */
import "../form/form.css";
import { ActionIcon, Button, Input, TextInput } from "@mantine/core";
import { IconCheck, IconPencil, IconPlus, IconSearch, IconTags, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { adminTagsQuery, type Tag } from "../api/admin";
import { ApiError, call } from "../api/client";
import type { Id } from "../api/types";
import { useCommands } from "../commands/commands";
import { refusal } from "../problem";
import { useMe } from "../session";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { HUES, hueOf } from "../ui/hues";
import { Page } from "../ui/Page";
import { deleteLater, useKept } from "./delete-later";
import { RowsSkeleton } from "./RowsSkeleton";
import styles from "./Rows.module.css";

export function TagsPage() {
  const { t } = useTranslation();
  const { operator } = useMe();
  const { data, error, refetch } = useQuery(adminTagsQuery);
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<Id | "new" | null>(null);
  const allowed = operator.role !== "operator";
  const kept = useKept(data);
  const word = search.normalize("NFC").trim().toLowerCase();
  const shown = kept?.filter((one) => one.name.toLowerCase().includes(word)).sort((a, b) => b.conversations - a.conversations || a.name.localeCompare(b.name));
  const close = (): void => setOpen(null);
  const begin = (): void => { setSearch(""); setOpen("new"); };
  const add = allowed ? <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={begin} data-testid="tag-add">{t("taglist.add")}</Button> : null;
  useCommands(allowed ? [{ id: "add_tag", group: "page", label: t("taglist.add"), run: begin }] : []);
  return (
    <Page title={t("taglist.title")} subtitle={allowed ? t("taglist.subtitle") : t("taglist.only_admins")} action={kept && kept.length > 0 ? add : null} wide>
      {error && !data && <Failure text={t("taglist.failed")} onRetry={() => void refetch()} />}
      {!data && !error && <RowsSkeleton />}
      {kept && kept.length > 0 && (
        <div className={styles["tools"]}>
          <TextInput className={styles["search"]} type="search" aria-label={t("taglist.search")} placeholder={t("taglist.search")} leftSection={<IconSearch size={16} stroke={1.75} aria-hidden="true" />} value={search} onChange={(event) => setSearch(event.currentTarget.value)} data-testid="tag-search" />
        </div>
      )}
      {kept?.length === 0 && open !== "new" && <div className={styles["list"]}><EmptyState small icon={<IconTags size={24} stroke={1.75} />} title={t("taglist.empty")} hint={t("taglist.empty_hint")}>{add}</EmptyState></div>}
      {shown && (shown.length > 0 || open === "new") && (
        <ul className={styles["list"]}>
          {open === "new" && <li className={styles["row"]} data-open><TagForm held={null} first={(kept?.length ?? 0) % HUES.length} onDone={close} /></li>}
          {shown.map((one) => (open === one.id ? <li key={one.id} className={styles["row"]} data-open><TagForm held={one} first={one.color} onDone={close} /></li> : <TagRow key={one.id} tag={one} onEdit={allowed ? () => setOpen(one.id) : null} />))}
        </ul>
      )}
      {shown?.length === 0 && word !== "" && open !== "new" && <div className={styles["list"]}><EmptyState small icon={<IconSearch size={24} stroke={1.75} />} title={t("settings.nothing", { words: search })} /></div>}
    </Page>
  );
}

function TagRow({ tag, onEdit }: { tag: Tag; onEdit: (() => void) | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <li className={styles["row"]} data-testid="tag-row">
      <span className={styles["what"]}><span><span className={`${styles["chip"]} cut`} style={hueOf(tag.color)} title={tag.name}>{tag.name}</span></span></span>
      <span className={styles["aside"]}>{t("taglist.conversations", { count: tag.conversations })}</span>
      {onEdit && (
        <span className={styles["actions"]}>
          <ActionIcon aria-label={t("taglist.edit", { name: tag.name })} title={t("settings.edit")} onClick={onEdit} data-testid="tag-edit"><IconPencil size={18} stroke={1.75} /></ActionIcon>
          <ActionIcon aria-label={t("taglist.delete", { name: tag.name })} title={t("settings.delete")} data-testid="tag-delete"
            onClick={() => deleteLater({ id: tag.id, path: `/tags/${tag.id}`, text: tag.conversations > 0 ? t("taglist.deleted_from", { name: tag.name, count: tag.conversations }) : t("taglist.deleted", { name: tag.name }), client, keys: ["tags", "conversations", "conversation"] })}><IconTrash size={18} stroke={1.75} /></ActionIcon>
        </span>
      )}
    </li>
  );
}

function TagForm({ held, first, onDone }: { held: Tag | null; first: number; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(held?.name ?? "");
  const [color, setColor] = useState(first);
  const save = useMutation({
    mutationFn: () => call<Tag>(held ? "PATCH" : "POST", held ? `/tags/${held.id}` : "/tags", { body: { name: name.trim(), color } }),
    onSuccess: async () => {
      await Promise.all((held ? ["tags", "conversations", "conversation"] : ["tags"]).map((key) => client.invalidateQueries({ queryKey: [key] })));
      onDone();
    },
  });
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() !== "") save.mutate();
  };
  return (
    <form className={styles["form"]} noValidate onSubmit={submit} data-testid="tag-form"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.nativeEvent.isComposing) onDone();
        if ((event.ctrlKey || event.metaKey) && event.code === "KeyS") submit(event);
      }}>
      <div className={styles["pair"]}>
        <TextInput autoFocus label={t("taglist.name")} value={name} maxLength={40} error={fields["name"]} onChange={(event) => { setName(event.currentTarget.value); save.reset(); }} data-testid="tag-name" />
        <Input.Wrapper label={t("taglist.color")} labelElement="div" error={fields["color"]}>
          <div className={styles["hues"]} role="group" aria-label={t("taglist.color")}>
            {HUES.map((_, index) => <button key={index} type="button" className={styles["hue"]} style={hueOf(index)} aria-pressed={index === color} aria-label={t("taglist.color_number", { number: index + 1 })} onClick={() => setColor(index)}>{index === color && <IconCheck size={15} stroke={2.5} aria-hidden="true" />}</button>)}
          </div>
        </Input.Wrapper>
      </div>
      <div className={styles["buttons"]}>
        <span>{name.trim() !== "" && <span className={styles["chip"]} style={hueOf(color)}>{name.trim()}</span>} <span className={styles["error"]} role="alert">{save.error && Object.keys(fields).length === 0 ? t("form.failed", { reason: refusal(t, save.error) }) : null}</span></span>
        <Button variant="default" onClick={onDone}>{t("sites.cancel")}</Button>
        <Button type="submit" loading={save.isPending} disabled={name.trim() === ""} data-testid="tag-save">{held ? t("form.save") : t("taglist.create")}</Button>
      </div>
    </form>
  );
}
