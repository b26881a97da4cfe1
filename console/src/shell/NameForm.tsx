/** Changes one's own name, in the place where it stands. */
import "@mantine/core/styles/Input.layer.css";
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import type { Me } from "../api/types";
import { problemText } from "../problem";
import styles from "./Menus.module.css";

export default function NameForm({ name, onDone }: { name: string; onDone: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [value, setValue] = useState(name);
  const wanted = value.trim();
  const save = useMutation({
    mutationFn: () => call<Me>("PATCH", "/me", { body: { name: wanted } }),
    onSuccess: (me) => {
      client.setQueryData(["me"], me);
      void client.invalidateQueries({ queryKey: ["operators"] });
      onDone();
    },
  });
  const error = save.error && (save.error instanceof ApiError && save.error.fields["name"] || t("profile.name_failed", { reason: problemText(t, save.error) }));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (wanted === name) onDone();
    else if (wanted !== "") save.mutate();
  };
  return (
    <form className={styles["form"]} onSubmit={submit} onKeyDown={(event) => { if (event.key === "Escape" && !event.nativeEvent.isComposing) onDone(); }}>
      <TextInput autoFocus label={t("profile.name")} description={t("profile.name_hint")} value={value} maxLength={120} autoComplete="name" error={error} data-testid="profile-name"
        onFocus={(event) => event.currentTarget.select()} onChange={(event) => { setValue(event.currentTarget.value); save.reset(); }} />
      <div className={styles["buttons"]}>
        <Button size="compact-md" variant="default" onClick={onDone}>{t("profile.name_cancel")}</Button>
        <Button size="compact-md" type="submit" loading={save.isPending} disabled={wanted === ""} data-testid="profile-name-save">{t("profile.name_save")}</Button>
      </div>
    </form>
  );
}
