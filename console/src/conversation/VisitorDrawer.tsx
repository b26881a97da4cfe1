/** The visitor at the side of a narrow window, over the conversation. */
import { Drawer } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../api/types";
import { VisitorPanel } from "./VisitorPanel";
import styles from "./ConversationView.module.css";

export default function VisitorDrawer({ conversation, opened, onClose }: { conversation: Conversation; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size={340} title={t("visitor.title")} closeButtonProps={{ "aria-label": t("visitor.close") }} padding={0}
      classNames={{ header: styles["drawerHead"] }}>
      <div data-testid="visitor-panel"><VisitorPanel conversation={conversation} /></div>
    </Drawer>
  );
}
