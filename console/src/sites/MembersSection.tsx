/** Who answers on this site. */
import { Checkbox } from "@mantine/core";
import { IconUsers, IconUserCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { colleaguesQuery, type Site } from "../api/admin";
import { Card } from "../form/Card";
import { ChoiceCards } from "../form/Choice";
import type { Form } from "../form/use-form";
import { Avatar } from "../ui/Avatar";
import styles from "./Site.module.css";

export default function MembersSection({ form }: { form: Form<Site> }) {
  const { t } = useTranslation();
  const { data } = useQuery(colleaguesQuery);
  const { values, set, errorOf, locked } = form;
  const members = values.members;
  const people = (data ?? []).filter((one) => !one.deactivated_at || members?.includes(one.id));
  const toggle = (id: string, on: boolean): void => set("members", on ? [...(members ?? []), id] : (members ?? []).filter((one) => one !== id));
  return (
    <Card quiet title={t("site.section_members")} hint={t("site.members_hint")}>
      <ChoiceCards label={t("site.section_members")} value={members === null ? "all" : "some"} disabled={locked} error={errorOf("members")} testId="members-mode"
        onChange={(mode) => set("members", mode === "all" ? null : people.filter((one) => !one.deactivated_at).map((one) => one.id))}
        options={[
          { value: "all", label: t("site.members_all"), hint: t("site.members_all_hint"), icon: <IconUsers size={20} stroke={1.75} aria-hidden="true" /> },
          { value: "some", label: t("site.members_some"), hint: t("site.members_some_hint"), icon: <IconUserCheck size={20} stroke={1.75} aria-hidden="true" /> },
        ]} />
      {members !== null && (
        <ul className={styles["members"]}>
          {people.map((one) => (
            <li key={one.id}>
              <label>
                <Checkbox checked={members.includes(one.id)} disabled={locked} onChange={(event) => toggle(one.id, event.currentTarget.checked)} aria-label={one.name} />
                <Avatar id={one.id} name={one.name} size={32} dot={one.present ? one.availability : "offline"} />
                <span><b className="cut">{one.name}</b><small>{t(`people.role_${one.role}`)}{one.deactivated_at ? ` · ${t("people.deactivated")}` : ""}</small></span>
              </label>
            </li>
          ))}
        </ul>
      )}
      {members?.length === 0 && <p className={styles["warn"]} role="status">{t("site.members_none")}</p>}
    </Card>
  );
}
