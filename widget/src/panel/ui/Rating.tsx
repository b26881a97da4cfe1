import { useState } from 'preact/hooks';
import type { State } from '../state';
import { useHere } from './context';
import { Icon, type IconName } from './Icon';

/** Drawn, not emoji: the same five faces on every system. */
const FACES: IconName[] = ['face1', 'face2', 'face3', 'face4', 'face5'];

/** Asked once, when a conversation with an answer in it is over. */
export function Rating({ state }: { state: State }) {
  const { t, session } = useHere();
  const { site, conversation, kept, log } = state;
  const [score, setScore] = useState(0);
  const [comment, setComment] = useState('');
  const [said, setSaid] = useState<'' | 'rateThanks' | 'rateFailed'>('');
  const answered = log?.entries.some((entry) => entry.type === 'message.posted' && entry.sender?.kind === 'operator');
  const thanked = said === 'rateThanks';
  if (!site?.rating || !conversation || conversation.status !== 'resolved' || !answered) return null;
  // Rated on an earlier page, or in another tab: the log says so.
  const rated = conversation.rating || log?.entries.some((entry) => entry.type === 'rating.given');
  if ((rated && !thanked) || (kept.unrated === conversation.id && !thanked)) return null;
  if (thanked) {
    return (
      <p class="activity" role="status" data-testid="rating-thanks">
        {t('rateThanks')}
      </p>
    );
  }

  const labels = [t('rate1'), t('rate2'), t('rate3'), t('rate4'), t('rate5')];
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setSaid((await session.rate(score, comment.trim())) ? 'rateThanks' : 'rateFailed');
  };
  return (
    <form class="rating" data-testid="rating" onSubmit={submit}>
      <fieldset>
        <legend>{t('rateAsk')}</legend>
        <div>
          {FACES.map((face, i) => (
            <label key={face} title={labels[i]}>
              <input type="radio" name="score" value={i + 1} checked={score === i + 1} aria-label={labels[i]} data-testid={'rate-' + (i + 1)} onChange={() => setScore(i + 1)} />
              <Icon name={face} size={30} />
            </label>
          ))}
        </div>
      </fieldset>
      {score > 0 && (
        <>
          <textarea
            rows={2}
            maxLength={1000}
            data-testid="rating-comment"
            aria-label={t('rateComment')}
            placeholder={t('rateComment')}
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
          <button type="submit" class="primary" data-testid="rating-send">
            {t('rateSend')}
          </button>
        </>
      )}
      <p class="fault" role="alert">
        {said && t(said)}
      </p>
      <button type="button" class="text-button" data-testid="rating-later" onClick={() => session.keep('unrated', conversation.id)}>
        {t('rateLater')}
      </button>
    </form>
  );
}
