// What is wanted rarely, fetched when it is: earlier conversations, saving one, one's data, the end of a conversation.

import type { State } from '../state';
import { useHere } from './context';
import { Conversations } from './Conversations';
import { MyData } from './MyData';
import { Sheet } from './Sheet';
import { SaveConversation } from './SaveConversation';
import { useState } from 'preact/hooks';

export function Extras({ state }: { state: State }) {
  const { view } = state;
  if (view === 'list') return <Conversations state={state} />;
  if (view === 'transcript') return <SaveConversation state={state} />;
  if (view === 'data') return <MyData />;
  return <End state={state} />;
}

function End({ state }: { state: State }) {
  const { t, session } = useHere();
  const [failed, setFailed] = useState(false);
  const end = async (): Promise<void> => {
    const answer = await session.request('conversation.resolve', { conversation: state.conversation!.id });
    if (answer?.ok) session.view('chat');
    else setFailed(true);
  };
  return (
    <Sheet title={t('endAsk')}>
      <div class="body">
        <p class="intro">{t('endHint')}</p>
        <button type="button" class="primary" data-testid="end-yes" onClick={end}>
          {t('endYes')}
        </button>
        <button type="button" class="text-button" onClick={() => session.view('chat')}>
          {t('endNo')}
        </button>
        <p class="fault" role="alert">
          {failed ? t('endFailed') : ''}
        </p>
      </div>
    </Sheet>
  );
}
