/** One site. Its sections share one set of unsaved changes, so that moving between them loses nothing. */
import "../form/form.css";
import { Button, Skeleton } from "@mantine/core";
import { IconAdjustments, IconArrowLeft, IconBuildingStore, IconClock, IconCode, IconMessageCog, IconPalette, IconRoute, IconShieldLock, IconTypography, IconUsers } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { DAYS, adminSiteQuery, type BusinessHours, type Language, type Site } from "../api/admin";
import { ApiError, call } from "../api/client";
import { pageStands } from "../api/query-client";
import { useCommands } from "../commands/commands";
import { LeaveGuard } from "../form/LeaveGuard";
import { SaveBar } from "../form/SaveBar";
import { useForm } from "../form/use-form";
import { useMe } from "../session";
import { Frame, NavGroup, NavItem } from "../settings/Frame";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { Page } from "../ui/Page";
import { isSound, sortedSpans } from "./hours";
import { SECTIONS, isSection, sectionOf, sectionsOf, type Section } from "./sections";
import type { PreviewState } from "./WidgetPreview";
import styles from "./Site.module.css";

const ASK_AGAIN = 4000;
const glyph = { size: 18, stroke: 1.75, "aria-hidden": true } as const;
const ICONS: Record<Section, React.ReactNode> = {
  install: <IconCode {...glyph} />, general: <IconAdjustments {...glyph} />, appearance: <IconPalette {...glyph} />, texts: <IconTypography {...glyph} />, chat: <IconMessageCog {...glyph} />,
  hours: <IconClock {...glyph} />, routing: <IconRoute {...glyph} />, members: <IconUsers {...glyph} />, security: <IconShieldLock {...glyph} />,
};

/** Each section's code comes with the first look at it; the others follow when the page stands. */
const CODE = {
  install: () => import("./InstallSection"), general: () => import("./GeneralSection"), appearance: () => import("./AppearanceSection"), texts: () => import("./TextsSection"), chat: () => import("./ChatSection"),
  hours: () => import("./HoursSection"), routing: () => import("./RoutingSection"), members: () => import("./MembersSection"), security: () => import("./SecuritySection"), preview: () => import("./WidgetPreview"),
};
const InstallSection = lazy(CODE.install);
const GeneralSection = lazy(CODE.general);
const AppearanceSection = lazy(CODE.appearance);
const TextsSection = lazy(CODE.texts);
const ChatSection = lazy(CODE.chat);
const HoursSection = lazy(CODE.hours);
const RoutingSection = lazy(CODE.routing);
const MembersSection = lazy(CODE.members);
const SecuritySection = lazy(CODE.security);
const WidgetPreview = lazy(CODE.preview);
const fetchAll = (): Promise<unknown> => Promise.all(Object.values(CODE).map((load) => load()));
const isPreviewed = (section: string | undefined): boolean => section === "appearance" || section === "texts" || section === "chat";

export function SitePage() {
  const { t } = useTranslation();
  const { id = "", section } = useParams({ strict: false });
  useEffect(() => {
    // Beside the site itself, not after it.
    if (isSection(section)) void CODE[section]();
    if (isPreviewed(section)) void CODE.preview();
    void pageStands().then(fetchAll).catch(() => undefined);
  }, []);
  const { data: site, error, refetch } = useQuery({
    ...adminSiteQuery(id),
    // Somebody who just pasted the snippet is watching for it to work.
    refetchInterval: ({ state }) => (state.data && state.data.last_seen_at === null ? ASK_AGAIN : 30_000),
  });
  if (site) return <SiteContent key={site.id} site={site} />;
  if (error instanceof ApiError && error.status >= 400 && error.status < 500) {
    return (
      <EmptyState icon={<IconBuildingStore size={24} stroke={1.75} />} title={t("site.not_found")}>
        <Button component={Link} to="/sites" variant="default">{t("site.back")}</Button>
      </EmptyState>
    );
  }
  if (error) return <Failure text={t("sites.failed")} onRetry={() => void refetch()} />;
  return <Page title="…" wide><Skeleton height={140} radius="md" mb={16} /><Skeleton height={420} radius="md" /></Page>;
}

function SiteContent({ site }: { site: Site }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { operator } = useMe();
  const locked = operator.role === "operator";
  const { section: named } = useParams({ strict: false });
  const section: Section = isSection(named) && !(locked && named === "security") ? named : site.last_seen_at === null ? "install" : "general";
  const [preview, setPreview] = useState<PreviewState>("chat");
  const [language, setLanguage] = useState<Language | null>(null);
  const check = useCallback((values: Site): Record<string, string> => ({
    ...(values.name.trim() === "" && { name: t("site.name_missing") }),
    ...(values.domains.length === 0 && { domains: t("sites.domain_missing") }),
    ...(!isSound(values.business_hours) && { business_hours: t("site.hours_wrong") }),
  }), [t]);
  const form = useForm<Site>({
    key: `site:${site.id}`, base: site, locked, check,
    save: async (body) => {
      const saved = await call<Site>("PATCH", `/sites/${site.id}`, { body: asSent(body) });
      client.setQueryData(["site", site.id], saved);
      void client.invalidateQueries({ queryKey: ["sites"] });
    },
  });
  const refused = [...Object.keys(form.error instanceof ApiError ? form.error.fields : {}), ...Object.keys(form.problems)];
  const unsaved = sectionsOf(Object.keys(form.changes));
  useRefusedSection(site.id, section, form.error);

  const navigate = useNavigate();
  const sections = SECTIONS.filter((one) => !(locked && one === "security"));
  useCommands(sections.map((one) => ({
    id: `section_${one}`, group: "page", label: t("command.view", { view: t(`site.section_${one}`) }), run: () => void navigate({ to: "/sites/$id/$section", params: { id: site.id, section: one } }),
  })));
  const nav = (
    <NavGroup>
      {sections.map((one) => (
        <NavItem key={one} to={`/sites/${site.id}/${one}`} icon={ICONS[one]} label={t(`site.section_${one}`)} active={one === section} testId={`section-${one}`}
          mark={sectionsOf(refused).includes(one) ? "refused" : unsaved.includes(one) ? "unsaved" : null} markText={t(sectionsOf(refused).includes(one) ? "form.mark_refused" : "form.mark_unsaved")} />
      ))}
    </NavGroup>
  );
  const head = (
    <>
      <Link to="/sites" className={styles["back"]}><IconArrowLeft size={15} stroke={1.75} aria-hidden="true" />{t("site.back")}</Link>
      <b className={`${styles["headName"]} cut`} title={site.name}>{site.name}</b>
    </>
  );
  const previewed = isPreviewed(section);
  return (
    <Frame label={t("site.sections", { name: site.name })} head={head} nav={nav}>
      <Page title={t(`site.section_${section}`)} subtitle={site.name} wide>
        {locked && <p className={styles["locked"]}>{t("sites.only_admins")}</p>}
        <div className={previewed ? styles["columns"] : styles["column"]}>
          <div className={styles["settings"]}><Suspense fallback={<Skeleton height={420} radius="md" />}>
            {section === "install" && <InstallSection site={site} />}
            {section === "general" && <GeneralSection form={form} />}
            {section === "appearance" && <AppearanceSection form={form} onPreview={setPreview} />}
            {section === "texts" && <TextsSection form={form} onPreview={setPreview} onLanguage={setLanguage} />}
            {section === "chat" && <ChatSection form={form} onPreview={setPreview} />}
            {section === "hours" && <HoursSection form={form} />}
            {section === "routing" && <RoutingSection form={form} />}
            {section === "members" && <MembersSection form={form} />}
            {section === "security" && <SecuritySection form={form} />}
          </Suspense></div>
          {previewed && <Suspense fallback={<Skeleton height={520} radius="md" />}><WidgetPreview site={form.values} state={preview} onState={setPreview} language={(section === "texts" ? language : null) ?? form.values.language} /></Suspense>}
        </div>
        <div className={previewed ? undefined : styles["column"]}><SaveBar form={form} where={unsaved.some((one) => one !== section) ? unsaved.map((one) => t(`site.section_${one}`)).join(", ") : undefined} /></div>
      </Page>
      <LeaveGuard form={form} stays={(path) => path.startsWith(`/sites/${site.id}`)} />
    </Frame>
  );
}

/** As the server takes it: the spans of a day in their order. */
function asSent(body: Record<string, unknown>): Record<string, unknown> {
  const hours = body["business_hours"] as BusinessHours | undefined;
  if (!hours) return body;
  const week = Object.fromEntries(DAYS.map((day) => [day, sortedSpans(hours.week[day])]));
  return { ...body, business_hours: { ...hours, week } };
}

/** Goes to where the refused field is, when that is not what is shown. */
function useRefusedSection(id: string, shown: Section, error: Error | null): void {
  const navigate = useNavigate();
  useEffect(() => {
    const fields = error instanceof ApiError ? Object.keys(error.fields) : [];
    const [first] = fields;
    if (first && !sectionsOf(fields).includes(shown)) void navigate({ to: "/sites/$id/$section", params: { id, section: sectionOf(first) } });
    // Once for each refusal: afterwards one is free to look elsewhere.
  }, [error]);
}

