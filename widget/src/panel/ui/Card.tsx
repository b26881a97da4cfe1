import { useState } from 'preact/hooks';
import type { Card as CardData } from '../../shared/wire';
import { webAddress } from '../linkify';

const REL = 'noopener noreferrer nofollow ugc';

/** A product or a page, with what one can do about it. Addresses are checked here too: they become links. */
export function Card({ card }: { card: CardData }) {
  // As it is first (a browser that isolates the panel fetches it without credentials), then asking its host for permission, then not at all.
  const [tries, setTries] = useState(0);
  const image = tries < 2 && /^https:/i.test(card.image_url ?? '') ? webAddress(card.image_url) : null;
  const url = webAddress(card.url);
  const buttons = (card.buttons ?? []).flatMap(({ label, url: to }) => {
    const href = webAddress(to);
    return href ? [{ label, href }] : [];
  });
  return (
    <div class="card" data-testid="card">
      {image && <img key={tries} src={image} alt="" crossOrigin={tries ? 'anonymous' : undefined} referrerpolicy="no-referrer" loading="lazy" onError={() => setTries(tries + 1)} />}
      <div>
        <b dir="auto">{url ? <a href={url} target="_blank" rel={REL}>{card.title}</a> : card.title}</b>
        {card.price && <p class="price">{card.price}</p>}
        {card.text && <p dir="auto">{card.text}</p>}
      </div>
      {buttons.map(({ label, href }) => (
        <a class="action" key={label + href} href={href} target="_blank" rel={REL}>
          {label}
        </a>
      ))}
    </div>
  );
}
