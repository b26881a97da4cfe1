/** One's photo: chosen, cut to a square here, sent; or taken away. */
import { Button } from "@mantine/core";
import { IconPhotoUp, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import { refusal } from "../problem";
import { useMe } from "../session";
import { Photo } from "../ui/Photo";
import { squared } from "./square";
import styles from "./Profile.module.css";

export function PhotoField() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { operator } = useMe();
  const url = operator.photo_url;
  const input = useRef<HTMLInputElement>(null);
  const refresh = (): Promise<unknown> => Promise.all(["me", "operators"].map((key) => client.invalidateQueries({ queryKey: [key] })));
  const put = useMutation({ mutationFn: async (file: File) => call<unknown>("PUT", "/me/photo", { raw: await squared(file) }), onSuccess: refresh });
  const remove = useMutation({ mutationFn: () => call<unknown>("DELETE", "/me/photo"), onSuccess: refresh });
  const error = put.error ?? remove.error;
  return (
    <div className={styles["photo"]}>
      <Photo id={operator.id} name={operator.name} url={url} size={72} />
      <div className={styles["photoButtons"]}>
        <input ref={input} type="file" accept="image/png,image/jpeg,image/webp,image/gif" hidden data-testid="photo-file"
          onChange={(event) => { const [file] = event.currentTarget.files ?? []; event.currentTarget.value = ""; if (file) put.mutate(file); }} />
        <Button variant="default" leftSection={<IconPhotoUp size={16} stroke={1.75} />} loading={put.isPending} onClick={() => input.current?.click()} data-testid="photo-choose">{t(url ? "me.photo_change" : "me.photo_add")}</Button>
        {url && <Button variant="subtle" color="gray" leftSection={<IconTrash size={16} stroke={1.75} />} loading={remove.isPending} onClick={() => remove.mutate()} data-testid="photo-remove">{t("me.photo_remove")}</Button>}
      </div>
      {error && <p className={styles["error"]} role="alert">{t("form.failed", { reason: error instanceof DOMException ? t("me.photo_unreadable") : refusal(t, error) })}</p>}
    </div>
  );
}
