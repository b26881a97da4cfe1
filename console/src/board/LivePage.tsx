/** Who is on the sites now, and saying hello to them. */
import "../form/form.css";
import { Button, SegmentedControl, Select, Skeleton, TextInput } from "@mantine/core";
import { IconEye, IconSearch, IconSpeakerphone } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { sitesQuery } from "../api/queries";
import type { Id } from "../api/types";
import { useCommands } from "../commands/commands";
import { EmptyState } from "../ui/EmptyState";
import { Page } from "../ui/Page";
import { GROUPS, grouped, SHOWN, type Grouping, type LiveVisitor, type Shown } from "./board";
import { HelloModal } from "./HelloModal";
import { SendPromotion } from "./SendPromotion";
import { useVisitorName } from "../ui/visitor-name";
import { useBoard } from "./use-board";
import { VisitorRow } from "./VisitorRow";
import styles from "./Board.module.css";

/** Rows drawn of one group; the rest is counted. */
const MOST = 200;

export function LivePage() {
  const { t } = useTranslation();
  const board = useBoard();
  const { data: sites } = useQuery(sitesQuery);
  const [words, setWords] = useState("");
  const [site, setSite] = useState<Id | null>(null);
  const [shown, setShown] = useState<Shown>("all");
  const [by, setBy] = useState<Grouping>("none");
  const [greeted, setGreeted] = useState<LiveVisitor | null>(null);
  const [offered, setOffered] = useState<LiveVisitor | "listed" | null>(null);
  const groups = board ? grouped(board, { words, site, shown }, by) : null;
  const count = board?.visitors.size ?? 0;
  const listed = groups?.flatMap((group) => group.visitors.map((one) => one.id)) ?? [];
  const several = (sites?.length ?? 0) > 1;
  const siteName = (id: Id): string | null => (several ? (sites?.find((one) => one.id === id)?.name ?? null) : null);
  useCommands(listed.length > 0 ? [{ id: "offer_listed", group: "page", label: t("board.offer_listed", { count: listed.length }), run: () => setOffered("listed") }] : []);
  return (
    <Page title={t("board.title")} subtitle={board ? t("board.count", { count }) : t("board.subtitle")} wide>
      <div className={styles["tools"]}>
        <TextInput className={styles["search"]} type="search" aria-label={t("board.search")} placeholder={t("board.search")} leftSection={<IconSearch size={16} stroke={1.75} aria-hidden="true" />} value={words} onChange={(event) => setWords(event.currentTarget.value)} data-testid="board-search" />
        {several && <Select className={styles["site"]} aria-label={t("board.site")} data={[{ value: "", label: t("board.all_sites") }, ...(sites ?? []).map((one) => ({ value: one.id, label: one.name }))]} value={site ?? ""} onChange={(value) => setSite(value === "" ? null : value)} allowDeselect={false} />}
        <Select className={styles["state"]} aria-label={t("board.show")} data={SHOWN.map((value) => ({ value, label: t(`board.show_${value}`) }))} value={shown} onChange={(value) => setShown((value ?? "all") as Shown)} allowDeselect={false} data-testid="board-shown" />
        <SegmentedControl aria-label={t("board.group")} data={GROUPS.map((value) => ({ value, label: t(`board.group_${value}`) }))} value={by} onChange={(value) => setBy(value as Grouping)} data-testid="board-group" />
        <Button className={styles["offerAll"]} variant="default" leftSection={<IconSpeakerphone size={16} stroke={1.75} aria-hidden="true" />} disabled={listed.length === 0} onClick={() => setOffered("listed")} data-testid="board-offer-all">{t("board.offer")}</Button>
      </div>
      {!groups && <div aria-busy="true" data-live className={styles["list"]}>{[1, 2, 3, 4].map((one) => <Skeleton key={one} height={76} radius="md" mb={8} />)}</div>}
      {groups?.length === 0 && count === 0 && <div className={styles["empty"]}><EmptyState icon={<IconEye size={24} stroke={1.75} />} title={t("board.empty")} hint={t("board.empty_hint")} /></div>}
      {groups?.length === 0 && count > 0 && <div className={styles["empty"]}><EmptyState small icon={<IconSearch size={24} stroke={1.75} />} title={t("board.nothing")} /></div>}
      {groups?.map((group) => (
        <section key={group.key} className={styles["group"]} aria-label={group.title || t("board.title")} data-testid="board-section">
          {by !== "none" && <h2 className={styles["groupTitle"]}><span className="cut" title={group.title}>{group.title || t(`board.no_${by}`)}</span><span className={styles["number"]}>{group.visitors.length}</span></h2>}
          <ul className={styles["list"]}>{group.visitors.slice(0, MOST).map((one) => <VisitorRow key={one.id} visitor={one} site={siteName(one.site_id)} onHello={() => setGreeted(one)} onOffer={() => setOffered(one)} />)}</ul>
          {group.visitors.length > MOST && <p className={styles["rest"]}>{t("board.rest", { count: group.visitors.length - MOST })}</p>}
        </section>
      ))}
      {greeted && <HelloModal visitor={greeted} onClose={() => setGreeted(null)} />}
      {offered === "listed" && <SendPromotion visitors={listed} title={t("board.offer_listed", { count: listed.length })} onClose={() => setOffered(null)} />}
      {offered && offered !== "listed" && <OfferOne visitor={offered} onClose={() => setOffered(null)} />}
    </Page>
  );
}

function OfferOne({ visitor, onClose }: { visitor: LiveVisitor; onClose: () => void }) {
  const { t } = useTranslation();
  return <SendPromotion visitors={[visitor.id]} title={t("board.offer_to", { name: useVisitorName(visitor) })} onClose={onClose} />;
}
