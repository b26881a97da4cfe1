import { useEffect, useState } from 'preact/hooks';
import type { Offer as OfferData } from '../../shared/wire';
import { webAddress } from '../linkify';
import { useHere } from './context';

const REL = 'noopener noreferrer';

/** What the shop offers to somebody whose panel is open: a card at the end of the conversation, gone when it is closed. */
export function Offer({ offer, open }: { offer: OfferData; open: boolean }) {
  const { t, session } = useHere();
  const [copied, setCopied] = useState(false);
  const image = webAddress(offer.image_url);
  const url = webAddress(offer.url);
  const report = (what: string): void => void session.request('promotion.report', { offer: offer.id, what });
  useEffect(() => {
    if (open) report('shown');
  }, [offer.id, open]);

  const copy = (): void => {
    report('clicked');
    void navigator.clipboard?.writeText(offer.coupon!).then(() => setCopied(true));
  };
  return (
    <section class="card offered" data-testid="offer" aria-label={offer.title}>
      {image && <img src={image} alt="" crossOrigin="anonymous" referrerpolicy="no-referrer" />}
      <div>
        <b dir="auto">{offer.title}</b>
        {offer.text && <p dir="auto">{offer.text}</p>}
      </div>
      {offer.coupon && (
        <button type="button" class="action" onClick={copy}>
          {offer.coupon} · {t(copied ? 'copied' : 'copy')}
        </button>
      )}
      {offer.button && url && (
        <a class="action" href={url} target="_blank" rel={REL} onClick={() => report('clicked')}>
          {offer.button}
        </a>
      )}
      <button
        type="button"
        class="action quiet"
        data-testid="offer-close"
        onClick={() => {
          report('dismissed');
          session.closeOffer();
        }}
      >
        {t('closeOffer')}
      </button>
    </section>
  );
}
