/** The virtual agent: whether and how it answers on each site, what it knows, and what it was asked and could not answer. */
import "../form/form.css";
import { ActionIcon, Button, NumberInput, Switch, Textarea, TextInput } from "@mantine/core";
import { IconMessageChatbot, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, call } from "../api/client";
import { agentsQuery, faqQuery, unansweredQuery, type Agent, type AgentSettings, type FaqPair, type Suggestion, type Unanswered } from "../api/engage";
import type { Id } from "../api/types";
import { Card } from "../form/Card";
import { Segments } from "../form/Choice";
import { ToggleRow } from "../form/ToggleRow";
import { refusal } from "../problem";
import { useMe } from "../session";
import { useCommands } from "../commands/commands";
import { deleteLater, useKept } from "../settings/delete-later";
import rows from "../settings/Rows.module.css";
import { RowsSkeleton } from "../settings/RowsSkeleton";
import { EmptyState } from "../ui/EmptyState";
import { Failure } from "../ui/Failure";
import { Page } from "../ui/Page";
import { TimeAgo } from "../ui/TimeAgo";
import styles from "./Engage.module.css";

const KEYS = ["virtual-agent"];

export function AgentPage() {
  const { t } = useTranslation();
  const { operator } = useMe();
  const client = useQueryClient();
  const { data: agents, error, refetch } = useQuery(agentsQuery);
  const { data: pairs } = useQuery(faqQuery);
  const { data: questions } = useQuery(unansweredQuery);
  const [open, setOpen] = useState<Id | "new" | null>(null);
  const [asked, setAsked] = useState<Unanswered | null>(null);
  const kept = useKept(pairs);
  const missed = useKept(questions);
  const allowed = operator.role !== "operator";
  const close = (): void => { setOpen(null); setAsked(null); };
  const begin = (): void => { setAsked(null); setOpen("new"); };
  const add = allowed ? <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={begin} data-testid="faq-add">{t("agent.add")}</Button> : null;
  useCommands(allowed ? [{ id: "add_pair", group: "page", label: t("agent.add"), run: begin }] : []);
  return (
    <Page title={t("agent.title")} subtitle={t("agent.subtitle")} wide>
      {error && !agents && <Failure text={t("agent.failed")} onRetry={() => void refetch()} />}
      {!agents && !error && <RowsSkeleton />}
      {agents?.map((agent) => <SiteAgent key={agent.site_id} agent={agent} allowed={allowed} />)}
      {missed && missed.length > 0 && <>
        <div className={rows["head"]}><h2>{t("agent.unanswered")}</h2><span>{missed.length}</span></div>
        <ul className={rows["list"]}>
          {missed.map((one) => (asked?.id === one.id
            ? <li key={one.id} className={rows["row"]} data-open><PairForm held={null} asked={one} onDone={close} /></li>
            : (
              <li key={one.id} className={rows["row"]} data-testid="unanswered-row">
                <div className={rows["what"]}><b>{one.text}</b><small>{t("agent.times", { count: one.times })} · <TimeAgo at={one.last_at} /></small></div>
                {allowed && <Button size="xs" variant="default" onClick={() => { setOpen(null); setAsked(one); }} data-testid="unanswered-answer">{t("agent.teach")}</Button>}
                {allowed && <ActionIcon aria-label={t("agent.drop", { text: one.text })} title={t("settings.delete")} onClick={() => deleteLater({ id: one.id, path: `/unanswered/${one.id}`, text: t("agent.dropped"), client, keys: KEYS })}><IconTrash size={18} stroke={1.75} /></ActionIcon>}
              </li>
            )))}
        </ul>
      </>}
      <div className={rows["head"]}><h2>{t("agent.pairs")}</h2><span>{kept?.length ?? ""}</span>{kept && kept.length > 0 && <div className={styles["headAction"]}>{add}</div>}</div>
      {kept?.length === 0 && open !== "new" && <div className={rows["list"]}><EmptyState small icon={<IconMessageChatbot size={24} stroke={1.75} />} title={t("agent.empty")} hint={t("agent.empty_hint")}>{add}</EmptyState></div>}
      {kept && (kept.length > 0 || open === "new") && (
        <ul className={rows["list"]}>
          {open === "new" && <li className={rows["row"]} data-open><PairForm held={null} asked={null} onDone={close} /></li>}
          {kept.map((one) => (open === one.id ? <li key={one.id} className={rows["row"]} data-open><PairForm held={one} asked={null} onDone={close} /></li> : <PairRow key={one.id} one={one} onEdit={allowed ? () => setOpen(one.id) : null} />))}
        </ul>
      )}
    </Page>
  );
}

function PairRow({ one, onEdit }: { one: FaqPair; onEdit: (() => void) | null }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const phrases = Object.values(one.phrases).flat().join(" / ");
  return (
    <li className={rows["row"]} data-muted={!one.enabled || undefined} data-testid="faq-row">
      <div className={rows["what"]}>
        <span className={styles["phrases"]}>{phrases}</span>
        <span className={rows["text"]}>{Object.values(one.answers).join(" / ")}</span>
        <span className={rows["meta"]}>{one.answered > 0 ? t("agent.answered", { count: one.answered }) : t("agent.not_answered")}</span>
      </div>
      {onEdit && <div className={rows["actions"]}>
        <ActionIcon aria-label={t("agent.edit", { text: phrases })} title={t("settings.edit")} onClick={onEdit} data-testid="faq-edit"><IconPencil size={18} stroke={1.75} /></ActionIcon>
        <ActionIcon aria-label={t("agent.delete", { text: phrases })} title={t("settings.delete")} onClick={() => deleteLater({ id: one.id, path: `/faq/${one.id}`, text: t("agent.deleted"), client, keys: KEYS })}><IconTrash size={18} stroke={1.75} /></ActionIcon>
      </div>}
    </li>
  );
}

function PairForm({ held, asked, onDone }: { held: FaqPair | null; asked: Unanswered | null; onDone: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [language, setLanguage] = useState<"ko" | "en">(asked ? (/[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]/.test(asked.text) ? "ko" : "en") : i18n.language === "ko" ? "ko" : "en");
  const [phrases, setPhrases] = useState<Record<string, string>>(() => (held ? Object.fromEntries(Object.entries(held.phrases).map(([name, list]) => [name, list.join("\n")])) : asked ? { [language]: asked.text.replace(/[?.,!]/g, "").split(/\s+/).slice(0, 12).join(" ") } : {}));
  const [answers, setAnswers] = useState<Record<string, string>>(held?.answers ?? {});
  const filled = (texts: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== ""));
  const save = useMutation({
    mutationFn: () => {
      const lists = Object.fromEntries(Object.entries(filled(phrases)).map(([name, text]) => [name, text.split("\n").map((line) => line.trim()).filter((line) => line !== "")]));
      const body = { phrases: lists, answers: filled(answers) };
      return call<FaqPair>(held ? "PATCH" : "POST", held ? `/faq/${held.id}` : asked ? `/unanswered/${asked.id}/faq` : "/faq", { body });
    },
    onSuccess: async () => { await client.invalidateQueries({ queryKey: KEYS }); onDone(); },
  });
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const wrong = (name: string): string | undefined => Object.entries(fields).find(([field]) => field.startsWith(name))?.[1];
  return (
    <form className={rows["form"]} noValidate data-testid="faq-form" onSubmit={(event: FormEvent) => { event.preventDefault(); save.mutate(); }}>
      <Segments<"ko" | "en"> label={t("promo.language")} value={language} onChange={setLanguage} options={[{ value: "ko", label: "한국어" }, { value: "en", label: "English" }]} />
      <Textarea label={t("agent.phrases")} description={t("agent.phrases_hint")} value={phrases[language] ?? ""} autosize minRows={2} error={wrong("phrases")} onChange={(event) => { setPhrases({ ...phrases, [language]: event.currentTarget.value }); save.reset(); }} data-testid="faq-phrases" />
      <Textarea label={t("agent.answer")} value={answers[language] ?? ""} autosize minRows={2} maxLength={2000} error={wrong("answers")} onChange={(event) => { setAnswers({ ...answers, [language]: event.currentTarget.value }); save.reset(); }} data-testid="faq-answer" />
      <div className={rows["buttons"]}>
        <span className={rows["error"]} role="alert">{save.error && Object.keys(fields).length === 0 ? t("form.failed", { reason: refusal(t, save.error) }) : null}</span>
        <Button variant="default" onClick={onDone}>{t("sites.cancel")}</Button>
        <Button type="submit" loading={save.isPending} data-testid="faq-save">{t("form.save")}</Button>
      </div>
    </form>
  );
}

function SiteAgent({ agent, allowed }: { agent: Agent; allowed: boolean }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [language, setLanguage] = useState<"ko" | "en">(i18n.language === "ko" ? "ko" : "en");
  const [changed, setChanged] = useState<AgentSettings | null>(null);
  const it = changed ?? agent.settings;
  const save = useMutation({
    mutationFn: (body: { enabled?: boolean; settings?: AgentSettings }) => call<Agent>("PATCH", `/virtual-agent/${agent.site_id}`, { body }),
    onSuccess: async () => { await client.invalidateQueries({ queryKey: KEYS }); setChanged(null); },
  });
  const fields = save.error instanceof ApiError ? save.error.fields : {};
  const set = (change: Partial<AgentSettings>): void => setChanged({ ...it, ...change });
  return (
    <Card title={agent.site_name} hint={t("agent.site_hint")} testId="agent-site"
      action={<Switch checked={save.isPending && save.variables.enabled !== undefined ? save.variables.enabled : agent.enabled} disabled={!allowed} aria-label={t("agent.enabled", { site: agent.site_name })} onChange={(event) => save.mutate({ enabled: event.currentTarget.checked })} data-testid="agent-enabled" />}>
      {agent.enabled && <>
        <Segments<"ko" | "en"> label={t("promo.language")} value={language} onChange={setLanguage} options={[{ value: "ko", label: "한국어" }, { value: "en", label: "English" }]} />
        <div className={rows["pair"]}>
          <TextInput label={t("agent.name")} value={it.name[language] ?? ""} maxLength={40} disabled={!allowed} error={fields["settings.name"]} onChange={(event) => set({ name: { ...it.name, [language]: event.currentTarget.value } })} />
          <NumberInput label={t("agent.misses")} value={it.misses} min={1} max={5} disabled={!allowed} error={fields["settings.misses"]} onChange={(value) => set({ misses: Number(value) || 0 })} />
        </div>
        <Textarea label={t("agent.greeting")} value={it.greeting[language] ?? ""} autosize minRows={2} maxLength={500} disabled={!allowed} error={fields["settings.greeting"]} onChange={(event) => set({ greeting: { ...it.greeting, [language]: event.currentTarget.value } })} />
        <ToggleRow label={t("agent.suggest")} hint={t("agent.suggest_hint")} checked={it.suggest_when_online} onChange={(suggest_when_online) => set({ suggest_when_online })} disabled={!allowed} />
        <ToggleRow label={t("agent.contact")} hint={t("agent.contact_hint")} checked={it.ask_contact} onChange={(ask_contact) => set({ ask_contact })} disabled={!allowed} />
        {changed && <div className={rows["buttons"]}><span className={rows["error"]} role="alert">{save.error ? t("form.failed", { reason: refusal(t, save.error) }) : null}</span><Button variant="default" onClick={() => setChanged(null)}>{t("form.discard")}</Button><Button loading={save.isPending} onClick={() => save.mutate({ settings: it })} data-testid="agent-save">{t("form.save")}</Button></div>}
        <Try site={agent.site_id} />
      </>}
    </Card>
  );
}

function Try({ site }: { site: Id }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const run = useMutation({ mutationFn: () => call<Suggestion>("POST", "/virtual-agent/tries", { body: { site_id: site, text } }) });
  return (
    <form className={styles["part"]} onSubmit={(event) => { event.preventDefault(); if (text.trim() !== "") run.mutate(); }}>
      <TextInput label={t("agent.try")} placeholder={t("agent.try_hint")} value={text} maxLength={500} onChange={(event) => { setText(event.currentTarget.value); run.reset(); }} rightSectionWidth={70} rightSection={<Button type="submit" size="compact-sm" variant="default" loading={run.isPending}>{t("agent.ask")}</Button>} data-testid="agent-try" />
      {run.data && <div className={styles["told"]} data-tone={run.data.text ? "good" : undefined} role="status" data-testid="agent-try-answer">{run.data.text ?? t("agent.no_answer")}</div>}
    </form>
  );
}
