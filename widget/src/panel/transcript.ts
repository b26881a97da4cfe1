// A conversation as a text file. Pure.

import type { Translate } from './i18n';
import type { Language } from './i18n';
import type { Message, Activity } from './timeline';
import { full } from './times';

export function transcript(items: (Message | Activity)[], shop: string, language: Language, t: Translate): string {
  const lines = items.flatMap((item) => {
    if (item.kind === 'activity') return item.type === 'resolved' || item.type === 'reopened' ? [`[${full(item.at, language)}] ${t(item.type)}`] : [];
    const who = item.side === 'visitor' ? t('you') : (item.name ?? t('shop'));
    return [`[${full(item.at, language)}] ${who}: ${said(item, t)}`];
  });
  return [t('title', { site: shop }), '', ...lines, ''].join('\r\n');
}

function said({ text, attachment, card, retracted }: Message, t: Translate): string {
  if (retracted) return `(${t('retracted')})`;
  if (attachment) return `[${t('file')}: ${attachment.name}]`;
  if (card) return [card.title, card.price, card.text, card.url].filter(Boolean).join(' · ');
  return text;
}
