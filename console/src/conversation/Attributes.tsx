/** What the shop, or an operator, noted about the visitor: names and values, changed where they stand. */
import { ActionIcon } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { AttributeValue, Visitor } from "../api/types";
import { useCommands } from "../commands/commands";
import { EditableLine } from "./EditableLine";
import line from "./EditableLine.module.css";
import styles from "./VisitorPanel.module.css";

interface Props { visitor: Visitor; onChange: (attributes: Record<string, AttributeValue | null>) => void }

/** "12" is a number and "true" a truth where the value was one before, or looks like one. */
export function valueOf(typed: string, before: AttributeValue | undefined): AttributeValue {
  if (typeof before === "string") return typed;
  if (typed === "true" || typed === "false") return typed === "true";
  return /^-?\d{1,15}(\.\d{1,6})?$/.test(typed) && !/^0\d/.test(typed) ? Number(typed) : typed;
}

export function Attributes({ visitor, onChange }: Props) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  useCommands(adding ? [] : [{ id: "add_attribute", group: "conversation", label: t("visitor.add_attribute"), run: () => setAdding(true) }]);
  const entries = Object.entries(visitor.attributes);
  return (
    <section className={styles["section"]}>
      <h4>{t("visitor.attributes")}</h4>
      {entries.length > 0 && <dl className={styles["facts"]}>
        {entries.map(([key, value]) => (
          <div key={key} className={`${styles["fact"]} ${styles["attribute"]}`} data-testid="attribute">
            <dt className="cut" title={key}>{key}</dt>
            <dd>
              <EditableLine value={String(value)} shown={String(value)} label={key} testId="attribute" limit={500} onSave={(next) => onChange({ [key]: next === null ? null : valueOf(next, value) })} />
              <ActionIcon className={line["edit"]} size={24} aria-label={t("visitor.remove_attribute", { name: key })} title={t("visitor.remove_attribute", { name: key })} onClick={() => onChange({ [key]: null })}><IconX size={13} stroke={1.75} /></ActionIcon>
            </dd>
          </div>
        ))}
      </dl>}
      {adding
        ? <NewAttribute onDone={(key, value) => { setAdding(false); if (key !== null) onChange({ [key]: valueOf(value, undefined) }); }} />
        : <button type="button" className={line["add"]} data-testid="add-attribute" style={{ marginLeft: -8 }} onClick={() => setAdding(true)}><IconPlus size={14} stroke={1.75} aria-hidden="true" />{t("visitor.add_attribute")}</button>}
    </section>
  );
}

function NewAttribute({ onDone }: { onDone: (key: string | null, value: string) => void }) {
  const { t } = useTranslation();
  const [key, setKey] = useState("");
  const [value, setValue] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (key.trim() !== "" && value.trim() !== "") onDone(key.trim(), value.trim());
  };
  return (
    <form className={styles["newAttribute"]} onSubmit={submit} onKeyDown={(event) => { if (event.key === "Escape") { event.stopPropagation(); onDone(null, ""); } }}>
      <input autoFocus className={line["field"]} data-testid="attribute-key" maxLength={40} placeholder={t("visitor.attribute_name")} aria-label={t("visitor.attribute_name")} value={key} onChange={(event) => setKey(event.currentTarget.value)} />
      <input className={line["field"]} data-testid="attribute-value" maxLength={500} placeholder={t("visitor.attribute_value")} aria-label={t("visitor.attribute_value")} value={value} onChange={(event) => setValue(event.currentTarget.value)} />
      <div className={styles["newButtons"]}>
        <button type="button" className={line["add"]} onClick={() => onDone(null, "")}>{t("message.cancel")}</button>
        <button type="submit" className={line["add"]} disabled={key.trim() === "" || value.trim() === ""}>{t("message.save")}</button>
      </div>
    </form>
  );
}
