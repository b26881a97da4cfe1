/** One colleague: role, how much they take on, and whether they may still sign in. */
import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Colleague } from "../api/admin";
import { ApiError, call } from "../api/client";
import type { Role } from "../api/types";
import { ChoiceCards } from "../form/Choice";
import { refusal } from "../problem";
import { useMe } from "../session";
import styles from "../settings/Rows.module.css";
import { MOST_CAPACITY, USUAL_CAPACITY, grantable } from "./roles";
import { Modal } from "../ui/Modal";

type Change = { role?: Role; capacity?: number | null; deactivated?: boolean };

export function PersonModal({ person, onClose }: { person: Colleague; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { operator: me } = useMe();
  const [role, setRole] = useState(person.role);
  const [capacity, setCapacity] = useState(person.capacity === null ? "" : String(person.capacity));
  const [ending, setEnding] = useState(false);
  const change = useMutation({
    mutationFn: (body: Change) => call<Colleague>("PATCH", `/operators/${person.id}`, { body }),
    onSuccess: async () => {
      await Promise.all(["operators", "me"].map((key) => client.invalidateQueries({ queryKey: [key] })));
      onClose();
    },
  });
  const fields = change.error instanceof ApiError ? change.error.fields : {};
  const number = capacity.trim() === "" ? null : Number(capacity);
  const sound = number === null || (Number.isInteger(number) && number >= 1 && number <= MOST_CAPACITY);
  const body: Change = { ...(role !== person.role && { role }), ...(number !== person.capacity && { capacity: number }) };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (Object.keys(body).length === 0) onClose();
    else if (sound) change.mutate(body);
  };
  const problem = change.error && Object.keys(fields).length === 0 ? <p className={styles["error"]} role="alert">{t("form.failed", { reason: refusal(t, change.error) })}</p> : null;
  if (ending) {
    return (
      <Modal opened onClose={onClose} title={t("people.deactivate_title", { name: person.name })} closeButtonProps={{ "aria-label": t("common.close") }}>
        <ul className={styles["steps"]}><li>{t("people.deactivate_now")}</li><li>{t("people.deactivate_open")}</li><li>{t("people.deactivate_kept")}</li></ul>
        {problem}
        <Group justify="flex-end" gap="xs" mt="lg">
          <Button variant="default" data-autofocus onClick={() => { setEnding(false); change.reset(); }}>{t("sites.cancel")}</Button>
          <Button color="red" loading={change.isPending} onClick={() => change.mutate({ deactivated: true })} data-testid="person-deactivate-confirm">{t("people.deactivate")}</Button>
        </Group>
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title={person.name} size="lg" closeButtonProps={{ "aria-label": t("common.close") }}>
      <form onSubmit={submit} noValidate data-testid="person-form">
        <Stack gap="lg">
          {person.deactivated_at !== null && <p>{t("people.reactivate_text")}</p>}
          {person.deactivated_at === null && (
            <>
              <ChoiceCards label={t("people.role")} value={role} error={fields["role"]} testId="person-role" onChange={(one) => { setRole(one); change.reset(); }}
                options={[...new Set([...grantable(me.role), person.role])].map((one) => ({ value: one, label: t(`people.role_${one}`), hint: t(`people.role_${one}_hint`) }))} />
              <TextInput type="number" inputMode="numeric" label={t("people.capacity")} description={t("people.capacity_hint", { count: USUAL_CAPACITY })} placeholder={String(USUAL_CAPACITY)} min={1} max={MOST_CAPACITY} maw={320} value={capacity} data-testid="person-capacity"
                error={fields["capacity"] ?? (sound ? undefined : t("people.capacity_wrong", { most: MOST_CAPACITY }))} onChange={(event) => { setCapacity(event.currentTarget.value); change.reset(); }} />
            </>
          )}
          {problem}
          <div className={styles["buttons"]}>
            <span>
              {person.deactivated_at === null && person.id !== me.id && <Button variant="subtle" color="red" onClick={() => setEnding(true)} data-testid="person-deactivate">{t("people.deactivate")}</Button>}
            </span>
            <Button variant="default" onClick={onClose}>{t("sites.cancel")}</Button>
            {person.deactivated_at === null
              ? <Button type="submit" loading={change.isPending} data-testid="person-save">{t("form.save")}</Button>
              : <Button loading={change.isPending} onClick={() => change.mutate({ deactivated: false })} data-testid="person-reactivate">{t("people.reactivate")}</Button>}
          </div>
        </Stack>
      </form>
    </Modal>
  );
}
