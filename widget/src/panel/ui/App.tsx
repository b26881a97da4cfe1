import { useEffect, useMemo, useState } from 'preact/hooks';
import { pickLanguage, translator } from '../i18n';
import type { Session } from '../session';
import { conversing, useStore, type Store } from '../state';
import { applyTheme } from '../theme';
import { Banner } from './Banner';
import { Composer } from './Composer';
import { Here } from './context';
import { Header } from './Header';
import { Messages } from './Messages';
import { OfflineForm } from './OfflineForm';

export function App({ store, session }: { store: Store; session: Session }) {
  const state = useStore(store);
  const { site } = state;
  const [earlier, showEarlier] = useState(false);
  const language = pickLanguage(site?.language, state.language, navigator.language);
  const t = useMemo(() => translator(language), [language]);

  useEffect(() => applyTheme(site?.color ?? null), [site?.color]);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = t('title', { site: site?.name ?? '' });
  }, [language, site?.name]);
  useEffect(() => {
    const close = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.isComposing) session.close();
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, [session]);

  const form = !!site && !site.available && !conversing(state);
  const history = form && !!state.log?.entries.length;
  return (
    <Here.Provider value={{ t, language, session }}>
      <main class="panel" aria-label={t('title', { site: site?.name ?? '' })}>
        <Header state={state} />
        <Banner state={state} />
        {!state.ready || !site ? (
          <Skeleton />
        ) : form && !(history && earlier) ? (
          <OfflineForm state={state} onEarlier={history ? () => showEarlier(true) : null} />
        ) : (
          <>
            <Messages state={state} />
            {form ? (
              <button type="button" class="wide-button" onClick={() => showEarlier(false)}>
                {t('backToForm')}
              </button>
            ) : (
              <Composer state={state} />
            )}
          </>
        )}
      </main>
    </Here.Provider>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      <span class="bone" />
      <span class="bone short" />
    </div>
  );
}
