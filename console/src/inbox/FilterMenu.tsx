/** Narrows the list to a site or a tag, and orders it. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EVERYTHING, tagsQuery, type Filter, type Sort } from "../api/queries";
import type { Site } from "../api/types";
import { useCommands } from "../commands/commands";

interface Props { sites: readonly Site[]; value: Filter; onChange: (filter: Filter) => void }
const SORTS: readonly Sort[] = ["newest", "waiting"];

export function FilterMenu({ sites, value, onChange }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { data: tags = [] } = useQuery({ ...tagsQuery, enabled: open });
  const on = value.site !== EVERYTHING.site || value.tag !== EVERYTHING.tag;
  useCommands([
    { id: "filter", group: "page", label: t("inbox.filter"), run: () => setOpen(true) },
    ...SORTS.filter((one) => one !== value.sort).map((sort) => ({ id: `sort_${sort}`, group: "page" as const, label: `${t("inbox.sort")}: ${t(`inbox.sort_${sort}`)}`, run: () => onChange({ ...value, sort }) })),
    ...(on ? [{ id: "filter_none", group: "page" as const, run: () => onChange({ ...EVERYTHING, sort: value.sort }) }] : []),
  ]);
  const check = (yes: boolean): React.ReactNode => (yes ? <IconCheck size={16} stroke={1.75} /> : null);
  return (
    <Menu position="bottom-end" width={240} opened={open} onChange={setOpen}>
      <Menu.Target>
        <ActionIcon data-testid="list-filter" aria-label={on ? t("inbox.filter_on") : t("inbox.filter")} title={t("inbox.filter")} variant={on ? "light" : "subtle"} color={on ? "brand" : "gray"}><IconAdjustmentsHorizontal size={20} stroke={1.75} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown style={{ maxHeight: "70dvh", overflowY: "auto" }}>
        <Menu.Label>{t("inbox.sort")}</Menu.Label>
        {SORTS.map((one) => <Menu.Item key={one} data-testid={`sort-${one}`} rightSection={check(value.sort === one)} onClick={() => onChange({ ...value, sort: one })}>{t(`inbox.sort_${one}`)}</Menu.Item>)}
        {sites.length > 1 && (
          <>
            <Menu.Divider />
            <Menu.Label>{t("inbox.site_filter")}</Menu.Label>
            {[{ id: null, name: t("inbox.all_sites") }, ...sites].map((one) => (
              <Menu.Item key={one.id ?? ""} rightSection={check(value.site === one.id)} onClick={() => onChange({ ...value, site: one.id })}>{one.name}</Menu.Item>
            ))}
          </>
        )}
        {tags.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>{t("tags.title")}</Menu.Label>
            {[{ name: null, shown: t("inbox.all_tags") }, ...tags.map(({ name }) => ({ name, shown: name }))].map((one) => (
              <Menu.Item key={one.name ?? ""} rightSection={check(value.tag === one.name)} onClick={() => onChange({ ...value, tag: one.name })}>{one.shown}</Menu.Item>
            ))}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
