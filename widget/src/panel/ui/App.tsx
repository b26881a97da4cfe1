import { useEffect, useMemo, useState } from 'preact/hooks';
import { pickLanguage, translator } from '../i18n';
import type { Session } from '../session';
import { beforeChat, conversing, useStore, type State, type Store } from '../state';
import { applyTheme, isDark } from '../theme';
import { Banner } from './Banner';
import { Composer } from './Composer';
import { Here, useHere } from './context';
import { Header } from './Header';
import { useLazy } from './lazy';
import { Messages } from './Messages';
import { OfflineForm } from './OfflineForm';
import { PreChat } from './PreChat';

export function App({ store, session }: { store: Store; session: Session }) {
  const state = useStore(store);
  const { site, view } = state;
  const language = pickLanguage(site?.language, state.language, navigator.language);
  const t = useMemo(() => translator(language), [language]);
  const here = useMemo(() => ({ t, language, session }), [t, language, session]);
  const { view: Extras, failed } = useLazy(() => import('./Extras').then((it) => it.Extras), view !== 'chat');
  useTheme(site?.color ?? null, site?.theme);

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = t('title', { site: site?.name ?? '' });
  }, [language, site?.name]);
  useEffect(() => {
    const close = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.isComposing && !event.defaultPrevented) session.close();
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, [session]);
  // Where a rare view cannot be had, one is not left on an empty page.
  useEffect(() => {
    if (failed) session.view('chat');
  }, [failed]);

  return (
    <Here.Provider value={here}>
      <main class={'panel ' + state.mode} aria-label={t('title', { site: site?.name ?? '' })}>
        <Header state={state} />
        <Banner state={state} />
        {!state.ready || !site ? <Skeleton /> : view !== 'chat' ? Extras ? <Extras state={state} /> : <Skeleton /> : <Chat state={state} />}
      </main>
    </Here.Provider>
  );
}

/** The conversation, or what stands before it: the form for a message when nobody is here, or what the shop asks first. */
function Chat({ state }: { state: State }) {
  const { t, session } = useHere();
  const [earlier, showEarlier] = useState(false);
  const [over, setOver] = useState(false);
  const { site } = state;
  const form = !site!.available && !site!.agent && !conversing(state);
  const history = form && !!state.log?.entries.length;

  if (form && !(history && earlier)) return <OfflineForm state={state} onEarlier={history ? () => showEarlier(true) : null} />;
  if (beforeChat(state)) return <PreChat state={state} />;

  const carries = (event: DragEvent): boolean => !form && !!site?.files?.enabled && !!event.dataTransfer?.types.includes('Files');
  return (
    <div
      class="chat"
      onDragOver={(event) => {
        if (!carries(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!carries(event)) return;
        event.preventDefault();
        session.files.add([...event.dataTransfer!.files]);
      }}
    >
      <Messages state={state} />
      {form ? (
        <button type="button" class="wide-button" onClick={() => showEarlier(false)}>
          {t('backToForm')}
        </button>
      ) : (
        <Composer state={state} />
      )}
      {over && <p class="drop">{t('dropHere')}</p>}
    </div>
  );
}

function useTheme(color: string | null, theme: 'auto' | 'light' | 'dark' | undefined): void {
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const apply = (): void => applyTheme(color, isDark(theme, system.matches));
    apply();
    system.addEventListener('change', apply);
    return () => system.removeEventListener('change', apply);
  }, [color, theme]);
}

function Skeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      <span class="bone" />
      <span class="bone short" />
    </div>
  );
}
