import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { WireError } from '../../shared/wire';
import type { Translate } from '../i18n';
import type { State } from '../state';
import { opening } from '../times';
import { useHere } from './context';
import { Field } from './Field';
import { Icon } from './Icon';

interface Form {
  name: string;
  email: string;
  text: string;
}

type Faults = Partial<Record<keyof Form, string>>;

const NEEDED = { name: 'needName', email: 'needEmail', text: 'needText' } as const;

/** What the server minds about which field, in our own words. */
export function faultsOf(err: WireError, t: Translate): Faults {
  const named = (Object.keys(NEEDED) as (keyof Form)[]).filter((field) => err.fields?.[field]);
  return Object.fromEntries(named.map((field) => [field, t(NEEDED[field])]));
}

export const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Nobody is here: a message with a way to answer it. What is typed is kept like a draft. */
export function OfflineForm({ state, onEarlier }: { state: State; onEarlier: (() => void) | null }) {
  const { t, session, language } = useHere();
  const { site, offline, offlineError, offlineTo, kept, visitor, limit } = state;
  const [form, setForm] = useState<Form>(() => remembered(kept, visitor));
  const [faults, setFaults] = useState<Faults>({});
  const element = useRef<HTMLFormElement>(null);

  // A refused message comes back with what the server said about each field.
  useEffect(() => {
    if (!offlineError) return;
    setForm(remembered(kept, visitor));
    setFaults(faultsOf(offlineError, t));
  }, [offlineError]);

  useLayoutEffect(() => {
    if (state.focus && !matchMedia('(pointer: coarse)').matches) element.current?.querySelector<HTMLElement>('input, textarea')?.focus();
  }, [state.focus]);

  if (offline === 'thanks') {
    return (
      <section class="thanks" data-testid="offline-thanks" role="status">
        <Icon name="done" size={40} />
        <h2>{t('thanksTitle')}</h2>
        <p>{t('thanks', { email: offlineTo })}</p>
        <button type="button" class="text-button" onClick={() => (setForm({ ...form, text: '' }), session.anotherMessage())}>
          {t('another')}
        </button>
      </section>
    );
  }

  const change = (field: keyof Form, value: string): void => {
    const next = { ...form, [field]: value };
    setForm(next);
    setFaults({ ...faults, [field]: undefined });
    if (field === 'text') session.keep('draft', value || null);
    else session.keep('offline', JSON.stringify({ name: next.name, email: next.email }));
  };

  const check = (): Faults => {
    const over = [...form.text].length - limit;
    return {
      ...(!form.name.trim() && { name: t('needName') }),
      ...(!EMAIL.test(form.email.trim()) && { email: t('needEmail') }),
      ...(!form.text.trim() && { text: t('needText') }),
      ...(over > 0 && { text: t('tooLong', { count: over, limit }) }),
    };
  };

  const submit = (event: Event): void => {
    event.preventDefault();
    const found = check();
    setFaults(found);
    const [bad] = Object.keys(found);
    if (bad) element.current?.querySelector<HTMLElement>(`[name="${bad}"]`)?.focus();
    else session.leaveMessage({ name: form.name.trim(), email: form.email.trim(), text: form.text.trim() });
  };

  const sending = offline === 'sending';
  return (
    <form class="offline" data-testid="offline-form" ref={element} onSubmit={submit} noValidate>
      <h2>{t('offlineTitle')}</h2>
      {site?.opens_at && site.texts?.away && <p class="intro">{t('closedUntil', { time: opening(site.opens_at, Date.now(), language) })}</p>}
      {site?.texts?.offline_intro && (
        <p class="intro" dir="auto">
          {site.texts.offline_intro}
        </p>
      )}
      <Field name="name" label={t('name')} fault={faults.name} disabled={sending}>
        {(props) => <input {...props} data-testid="offline-name" autoComplete="name" value={form.name} onInput={(e) => change('name', e.currentTarget.value)} />}
      </Field>
      <Field name="email" label={t('email')} fault={faults.email} disabled={sending}>
        {(props) => (
          <input {...props} type="email" data-testid="offline-email" autoComplete="email" inputMode="email" value={form.email} onInput={(e) => change('email', e.currentTarget.value)} />
        )}
      </Field>
      <Field name="text" label={t('question')} fault={faults.text} disabled={sending}>
        {(props) => <textarea {...props} rows={5} data-testid="offline-text" value={form.text} onInput={(e) => change('text', e.currentTarget.value)} />}
      </Field>
      {offlineError && !offlineError.fields && (
        <p class="fault" role="alert">
          {t('offlineFailed')}
        </p>
      )}
      <button type="submit" class="primary" data-testid="offline-send" disabled={sending}>
        {t('offlineSend')}
      </button>
      <p class="quiet" role="status">
        {sending ? t('offlineSending') : ''}
      </p>
      {onEarlier && (
        <button type="button" class="text-button" onClick={onEarlier}>
          {t('earlier')}
        </button>
      )}
    </form>
  );
}

function remembered(kept: State['kept'], visitor: State['visitor']): Form {
  let person: { name?: string; email?: string } = {};
  try {
    person = (JSON.parse(kept.offline ?? '{}') as typeof person) ?? {};
  } catch {
    // Written by another version: ask again.
  }
  return { name: person.name ?? visitor?.name ?? '', email: person.email ?? visitor?.email ?? '', text: kept.draft ?? '' };
}
