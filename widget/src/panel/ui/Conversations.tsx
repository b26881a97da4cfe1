import { useEffect, useState } from 'preact/hooks';
import type { AttachmentLink, LogEntry, PastConversation, Since } from '../../shared/wire';
import { emptyLog, take } from '../log';
import type { Session } from '../session';
import type { State } from '../state';
import { arrange, fold, type Item } from '../timeline';
import { brief, day } from '../times';
import { Bubble } from './Bubble';
import { useHere } from './context';
import { Icon } from './Icon';
import { Sheet } from './Sheet';

type Loaded<T> = T | 'loading' | 'failed';

/** The visitor's conversations with this shop, newest first; the present one is the chat itself. */
export function Conversations({ state }: { state: State }) {
  const { t, language, session } = useHere();
  const [rows, setRows] = useState<Loaded<PastConversation[]>>('loading');
  const [open, setOpen] = useState<PastConversation | null>(null);

  useEffect(() => {
    if (state.up) void session.request('conversations.list', {}).then((answer) => setRows((answer?.ok?.items as PastConversation[] | undefined) ?? 'failed'));
  }, [state.up]);

  if (open) return <Past conversation={open} state={state} onBack={() => setOpen(null)} />;
  return (
    <Sheet title={t('conversations')}>
      {typeof rows === 'string' ? (
        <p class="intro body" role="status">
          {t(rows === 'loading' ? 'loading' : 'loadFailed')}
        </p>
      ) : rows.length === 0 ? (
        <p class="intro body">{t('noConversations')}</p>
      ) : (
        <ul class="rows">
          {rows.map((row) => {
            const present = row.id === state.conversation?.id;
            return (
              <li key={row.id}>
                <button type="button" data-testid="conversation" onClick={() => (present ? session.view('chat') : setOpen(row))}>
                  <span class="what">
                    <span dir="auto">{row.last_message?.text || t('noMessages')}</span>
                    <small>
                      {present ? t('current') : t(row.status === 'resolved' ? 'closed' : 'open')} · {brief(row.last_message?.at ?? row.created_at, Date.now(), language)}
                    </small>
                  </span>
                  <Icon name="next" size={18} />
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </Sheet>
  );
}

/** One earlier conversation, to read. */
function Past({ conversation, state, onBack }: { conversation: PastConversation; state: State; onBack(): void }) {
  const { t, language, session } = useHere();
  const [entries, setEntries] = useState<Loaded<LogEntry[]>>('loading');
  useEffect(() => void wholeLog(session, conversation.channel).then((all) => setEntries(all ?? 'failed')), [conversation.channel]);

  const everything = { delivered: Infinity, read: Infinity };
  const items: Item[] = typeof entries === 'string' ? [] : arrange(fold({ ...take(emptyLog(conversation.id, conversation.channel), entries).log }, everything));
  return (
    <Sheet title={brief(conversation.created_at, Date.now(), language)} onBack={onBack}>
      {typeof entries === 'string' ? (
        <p class="intro body" role="status">
          {t(entries === 'loading' ? 'loading' : 'loadFailed')}
        </p>
      ) : (
        <div class="list" tabIndex={0} role="region" aria-label={t('log')}>
          <div class="inner">
            {items.map((item) =>
              item.kind === 'message' ? (
                <Bubble key={item.key} message={item} link={linkOf(item.attachment?.id, state)} photo={null} />
              ) : item.kind === 'day' ? (
                <p class="day" key={item.key}>
                  <span>{day(item.at, Date.now(), language, t)}</span>
                </p>
              ) : null,
            )}
            {conversation.status === 'resolved' && <p class="activity">{t('closedNote')}</p>}
          </div>
        </div>
      )}
    </Sheet>
  );
}

function linkOf(id: string | undefined, { links }: State): AttachmentLink | undefined {
  return id ? links[id] : undefined;
}

/** Every entry of a log; null when it could not be had. */
export async function wholeLog(session: Session, channel: string): Promise<LogEntry[] | null> {
  const all: LogEntry[] = [];
  for (;;) {
    const since = (await session.request('channel.since', { channel, after: all[all.length - 1]?.seq ?? 0, limit: 200 }))?.ok as unknown as Since | undefined;
    if (!since) return null;
    all.push(...since.entries);
    if (!since.more || !since.entries.length) return all;
  }
}
