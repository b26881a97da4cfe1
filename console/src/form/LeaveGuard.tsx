/** Asks before unsaved changes are left behind. They are kept either way; what is asked is whether that is meant. */
import { Button, Group } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Form } from "./use-form";
import { Modal } from "../ui/Modal";

interface Props {
  form: Pick<Form<unknown>, "dirty" | "saving" | "save" | "discard">;
  /** True for addresses that show the same form. */
  stays?: (path: string) => boolean;
}

export function LeaveGuard({ form, stays }: Props) {
  const { t } = useTranslation();
  const blocker = useBlocker({
    shouldBlockFn: ({ next }) => form.dirty && !stays?.(next.pathname),
    enableBeforeUnload: () => form.dirty,
    withResolver: true,
  });
  if (blocker.status !== "blocked") return null;
  const saveAndGo = async (): Promise<void> => {
    if (await form.save()) blocker.proceed();
    else blocker.reset();
  };
  return (
    <Modal opened onClose={blocker.reset} title={t("form.leave_title")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <p>{t("form.leave_text")}</p>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="subtle" color="red" onClick={() => { form.discard(); blocker.proceed(); }} data-testid="leave-discard">{t("form.leave_discard")}</Button>
        <Button variant="default" onClick={blocker.reset} data-testid="leave-stay">{t("form.leave_stay")}</Button>
        <Button loading={form.saving} onClick={() => void saveAndGo()} data-autofocus data-testid="leave-save">{t("form.leave_save")}</Button>
      </Group>
    </Modal>
  );
}
