/** Answers that are written often: found, written and changed in place. */
import "../form/form.css";
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconMessage2Bolt, IconPencil, IconPlus, IconSearch, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { adminCannedQuery, type CannedResponse } from "../api/admin";
import { sitesQuery } from "../api/queries";
import type { Id } from "../api/types";
import { useCommands } from "../commands/commands";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { Page } from "../ui/Page";
import { TimeAgo } from "../ui/TimeAgo";
import { found } from "./canned";
import { CannedForm } from "./CannedForm";
import { deleteLater, useKept } from "./delete-later";
import { RowsSkeleton } from "./RowsSkeleton";
import styles from "./Rows.module.css";

export function CannedPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(adminCannedQuery);
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<Id | "new" | null>(null);
  const kept = useKept(data);
  const shown = kept && found(kept, search);
  const close = (): void => setOpen(null);
  const begin = (): void => { setSearch(""); setOpen("new"); };
  const add = <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={begin} data-testid="canned-add">{t("responses.add")}</Button>;
  useCommands([{ id: "add_canned", group: "page", label: t("responses.add"), run: begin }]);
  return (
    <Page title={t("responses.title")} subtitle={t("responses.subtitle")} action={kept && kept.length > 0 ? add : null} wide>
      {error && !data && <Failure text={t("responses.failed")} onRetry={() => void refetch()} />}
      {!data && !error && <RowsSkeleton />}
      {kept && kept.length > 0 && (
        <div className={styles["tools"]}>
          <TextInput className={styles["search"]} type="search" aria-label={t("responses.search")} placeholder={t("responses.search")} leftSection={<IconSearch size={16} stroke={1.75} aria-hidden="true" />} value={search} onChange={(event) => setSearch(event.currentTarget.value)} data-testid="canned-search" />
        </div>
      )}
      {(kept?.length === 0 && open !== "new") && (
        <div className={styles["list"]}><EmptyState small icon={<IconMessage2Bolt size={24} stroke={1.75} />} title={t("responses.empty")} hint={t("responses.empty_hint")}>{add}</EmptyState></div>
      )}
      {shown && (shown.length > 0 || open === "new") && (
        <ul className={styles["list"]}>
          {open === "new" && <li className={styles["row"]} data-open><CannedForm held={null} onDone={close} /></li>}
          {shown.map((one) => (open === one.id
            ? <li key={one.id} className={styles["row"]} data-open><CannedForm held={one} onDone={close} /></li>
            : <CannedRow key={one.id} one={one} onEdit={() => setOpen(one.id)} />))}
        </ul>
      )}
      {shown?.length === 0 && search !== "" && open !== "new" && <div className={styles["list"]}><EmptyState small icon={<IconSearch size={24} stroke={1.75} />} title={t("settings.nothing", { words: search })} /></div>}
    </Page>
  );
}

function CannedRow({ one, onEdit }: { one: CannedResponse; onEdit: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { data: sites } = useQuery(sitesQuery);
  const site = one.site_id === null ? null : sites?.find((other) => other.id === one.site_id);
  return (
    <li className={styles["row"]} data-testid="canned-row">
      <div className={styles["what"]}>
        <span className={styles["shortcut"]}>/{one.shortcut}</span>
        <span className={styles["text"]}>{one.text}</span>
        <span className={styles["meta"]}>
          <span>{site ? t("responses.only", { site: site.name }) : t("responses.everywhere")}</span>
          <span>{one.created_by ? t("responses.by", { name: one.created_by.name }) : null}</span>
          <TimeAgo at={one.updated_at} />
        </span>
      </div>
      <div className={styles["actions"]}>
        <ActionIcon aria-label={t("responses.edit", { shortcut: one.shortcut })} title={t("settings.edit")} onClick={onEdit} data-testid="canned-edit"><IconPencil size={18} stroke={1.75} /></ActionIcon>
        <ActionIcon aria-label={t("responses.delete", { shortcut: one.shortcut })} title={t("settings.delete")} data-testid="canned-delete"
          onClick={() => deleteLater({ id: one.id, path: `/canned-responses/${one.id}`, text: t("responses.deleted", { shortcut: one.shortcut }), client, keys: ["canned-responses"] })}><IconTrash size={18} stroke={1.75} /></ActionIcon>
      </div>
    </li>
  );
}
