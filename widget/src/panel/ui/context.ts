import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { translator, type Language, type Translate } from '../i18n';
import type { Session } from '../session';

export interface Surroundings {
  t: Translate;
  language: Language;
  session: Session;
}

export const Here = createContext<Surroundings>({ t: translator('en'), language: 'en', session: {} as Session });

export const useHere = (): Surroundings => useContext(Here);
