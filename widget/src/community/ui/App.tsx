import { useEffect, useState } from 'preact/hooks';
import { applyTheme, isDark } from '../../panel/theme';
import type { Room } from '../room';
import { useStore, type Store } from '../state';
import { words } from '../words';
import { Composer } from './Composer';
import { Messages } from './Messages';

const dark = matchMedia('(prefers-color-scheme: dark)');

export function App({ store, room }: { store: Store; room: Room }) {
  const state = useStore(store);
  const { phase, crowd, site, members, lost, language } = state;
  const say = words(language);
  const [systemDark, setSystemDark] = useState(dark.matches);

  useEffect(() => {
    const changed = (): void => setSystemDark(dark.matches);
    dark.addEventListener('change', changed);
    return () => dark.removeEventListener('change', changed);
  }, []);
  useEffect(() => applyTheme(site?.color ?? null, isDark(site?.theme, systemDark)), [site, systemDark]);
  useEffect(() => {
    document.documentElement.lang = /^ko/i.test(language) ? 'ko' : 'en';
    if (crowd) document.title = crowd.name;
  }, [language, crowd?.name]);

  if (phase !== 'open' || !crowd)
    return (
      <main class="community">
        <p class="empty" role="status">
          {phase === 'closed' ? say('closed') : say('loading')}
        </p>
      </main>
    );
  return (
    <main class="community" data-testid="community">
      <header>
        <h1>{crowd.name}</h1>
        <p class="people" data-testid="people">
          <i />
          {say('people', { count: members.toLocaleString(language) })}
        </p>
      </header>
      {lost && (
        <p class="banner" role="status">
          {say('lost')}
        </p>
      )}
      <Messages state={state} room={room} say={say} />
      <Composer state={state} room={room} say={say} />
    </main>
  );
}
