import { useState } from 'preact/hooks';
import { useHere } from './context';
import { save, Sheet } from './Sheet';

/** What the shop holds about the visitor: to have, and to have removed. */
export function MyData() {
  const { t, session } = useHere();
  const [asking, setAsking] = useState(false);
  const [said, setSaid] = useState('');

  const download = async (): Promise<void> => {
    const answer = await session.request('visitor.export', {});
    if (!answer?.ok) return setSaid(t('dataFailed'));
    setSaid('');
    save('my-data.json', 'application/json', JSON.stringify(answer.ok, null, 2));
  };
  const remove = async (): Promise<void> => {
    const answer = await session.request('visitor.delete', {});
    if (answer?.ok) session.forget();
    else setSaid(t('dataFailed'));
  };

  if (asking) {
    return (
      <Sheet title={t('dataDeleteAsk')} onBack={() => setAsking(false)}>
        <div class="body">
          <p class="intro">{t('dataDeleteHint')}</p>
          <button type="button" class="primary danger" data-testid="data-delete-yes" onClick={remove}>
            {t('dataDeleteYes')}
          </button>
          <button type="button" class="text-button" onClick={() => setAsking(false)}>
            {t('cancel')}
          </button>
          <p class="fault" role="alert">
            {said}
          </p>
        </div>
      </Sheet>
    );
  }
  return (
    <Sheet title={t('data')}>
      <div class="body">
        <p class="intro">{t('dataHint')}</p>
        <button type="button" class="primary" data-testid="data-download" onClick={download}>
          {t('dataDownload')}
        </button>
        <button type="button" class="second danger" data-testid="data-delete" onClick={() => setAsking(true)}>
          {t('dataDelete')}
        </button>
        <p class="fault" role="alert">
          {said}
        </p>
      </div>
    </Sheet>
  );
}
