/** An empty view says what will be in it. */
import { IconCoffee, IconInbox, IconMessageCheck, IconUserCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { View } from "../api/queries";
import { EmptyState } from "../ui/EmptyState";

const ICONS = { queued: IconCoffee, mine: IconUserCheck, all: IconInbox, resolved: IconMessageCheck };

export function EmptyList({ view }: { view: View }) {
  const { t } = useTranslation();
  const Icon = ICONS[view];
  return <EmptyState small icon={<Icon size={24} stroke={1.75} />} title={t(`inbox.empty_${view}`)} hint={t(`inbox.empty_${view}_hint`)} />;
}
