/** Narrows the list to one site; shown only where there are several. */
import { Button, Menu } from "@mantine/core";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Id, Site } from "../api/types";

interface Props { sites: readonly Site[]; value: Id | null; onChange: (site: Id | null) => void }

export function SiteFilter({ sites, value, onChange }: Props) {
  const { t } = useTranslation();
  const chosen = sites.find((one) => one.id === value);
  const label = chosen?.name ?? t("inbox.all_sites");
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-sm" maw={180} aria-label={`${t("inbox.site_filter")}: ${label}`} data-testid="site-filter"
          rightSection={<IconChevronDown size={14} stroke={1.75} />}>{label}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {[{ id: null, name: t("inbox.all_sites") }, ...sites].map((one) => (
          <Menu.Item key={one.id ?? ""} onClick={() => onChange(one.id)} rightSection={one.id === value ? <IconCheck size={16} stroke={1.75} /> : null}>{one.name}</Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
