/** A promotion's picture: its address, or one that is uploaded and gets one. */
import { ActionIcon, TextInput } from "@mantine/core";
import { IconPhotoUp } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/client";
import type { components } from "../api/schema.gen";
import { refusal } from "../problem";

interface Props { value: string | null; error: string | undefined; onChange: (address: string | null) => void }

export function PictureField({ value, error, onChange }: Props) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const send = useMutation({
    mutationFn: (file: File) => call<components["schemas"]["Picture"]>("POST", "/promotions/pictures", { raw: file }),
    onSuccess: ({ url }) => onChange(url),
  });
  const refused = send.error ? t("form.failed", { reason: refusal(t, send.error) }) : undefined;
  const choose = t("promo.image_upload");
  return (
    <>
      <input ref={input} type="file" accept="image/png,image/jpeg,image/webp,image/gif" hidden data-testid="promotion-picture-file"
        onChange={(event) => { const [file] = event.currentTarget.files ?? []; event.currentTarget.value = ""; if (file) send.mutate(file); }} />
      <TextInput label={t("promo.image")} value={value ?? ""} placeholder="https://" error={refused ?? error} data-testid="promotion-picture"
        onChange={(event) => { send.reset(); onChange(event.currentTarget.value || null); }}
        rightSection={<ActionIcon variant="subtle" color="gray" aria-label={choose} title={choose} loading={send.isPending} onClick={() => input.current?.click()}><IconPhotoUp size={18} stroke={1.75} /></ActionIcon>} />
    </>
  );
}
