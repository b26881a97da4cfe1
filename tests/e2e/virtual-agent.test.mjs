// The virtual agent: answers what it was taught in two languages, misses two questions, and hands over so that the operator sees why.

import assert from 'node:assert/strict';
import { openScene } from './fixtures/scene.mjs';

const { test, api, visitor, operator, profile, conversationOf } = await openScene();

const PAIRS = [
  { ko: '배송 언제|며칠|기간', en: 'delivery|shipping when|long', answers: { ko: '배송은 이틀 걸려요.', en: 'Delivery takes two days.' } },
  { ko: '반품|환불', en: 'return|refund', answers: { ko: '7일 안에 반품할 수 있어요.', en: 'You can return it within seven days.' } },
  { ko: '영업 시간|시간', en: 'open|opening hours', answers: { ko: '아홉 시부터 여섯 시까지예요.', en: 'From nine to six.' } },
  { ko: '매장|주소 어디', en: 'where|address shop|store', answers: { ko: '서울 종로에 있어요.', en: 'We are in Jongno, Seoul.' } },
  { ko: '카드|결제 되나요|방법', en: 'pay|payment card|paypal', answers: { ko: '카드와 계좌 이체를 받아요.', en: 'Cards and bank transfers.' } },
];
const QUESTIONS = [
  ['배송은 언제 오나요?', '이틀'], ['환불하고싶어요', '7일 안에'], ['영업시간 알려주세요', '아홉 시'], ['매장이 어디에 있나요', '종로'], ['카드 결제 되나요', '계좌 이체'],
  ['How long does shipping take?', 'two days'], ['I want a refund', 'seven days'], ['What are your opening hours', 'nine to six'], ['Where is your store', 'Jongno'], ['Can I pay by card?', 'bank transfers'],
];

const site = await api.site();
for (const { ko, en, answers } of PAIRS) await api.post('/api/v1/faq', { phrases: { ko: [ko], en: [en] }, answers });
const [{ settings }] = (await api.get('/api/v1/virtual-agent')).items;
await api.patch(`/api/v1/virtual-agent/${site.id}`, { enabled: true, settings: { ...settings, suggest_when_online: false } });

test('ten questions in two languages are answered and marked, two are missed, and the operator who takes over sees why', async (t) => {
  const owner = await operator(await profile({ locale: 'en-US' }));
  const guest = await visitor();
  await (await guest.goto()).open();
  for (const [question, answer] of QUESTIONS) {
    await guest.say(question);
    await guest.sees(answer);
  }
  assert.ok((await guest.panel.getByTestId('automatic').count()) > 0, 'its answers are marked');
  await guest.say('Do you like cats?');
  await guest.sees('another way');
  await guest.say('And dogs, perhaps?');
  await guest.sees('passing this on to a person');
  const id = await conversationOf('passing this on');
  // It says so first, and hands over then.
  /** @type {any[]} */
  let log = [];
  const handedOver = () => log.find((it) => it.type === 'conversation.handed_over');
  for (const until = Date.now() + 15_000; !handedOver() && Date.now() < until; ) log = await api.log(id);
  const answers = log.filter((/** @type {any} */ it) => it.type === 'message.posted' && it.sender.kind === 'virtual_agent');
  // A greeting, ten answers, a miss and the hand-over.
  assert.equal(answers.length, 13);
  assert.equal(handedOver()?.data.reason, 'misses');
  await owner.page.goto(owner.page.url().replace(/\/console\/.*/, `/console/inbox/queued/${id}`));
  const why = owner.page.getByText('The virtual agent could not answer.').or(owner.page.getByText('자동 응답이 답하지 못한 질문이 있어요.'));
  await why.first().waitFor();
  await owner.page.getByText('And dogs, perhaps?').first().waitFor();
  const missed = (await api.get('/api/v1/unanswered')).items.map((/** @type {any} */ it) => it.text);
  assert.deepEqual(missed.sort(), ['And dogs, perhaps?', 'Do you like cats?']);
  t.diagnostic(`answered ${QUESTIONS.length}, missed ${missed.length}`);
});

test('where nobody is there it answers whoever comes, and asks for an address in their language', async () => {
  await api.patch('/api/v1/me', { availability: 'offline' });
  const guest = await visitor(await profile({ locale: 'ko-KR' }));
  await (await guest.goto()).open();
  // Nobody is there, and yet there is somebody to ask.
  await guest.composer.waitFor();
  assert.equal(await guest.panel.getByTestId('offline-form').count(), 0);
  await guest.panel.getByText('지금은 자동으로 답해 드려요').waitFor();
  await guest.say('배송은 언제 오나요?');
  await guest.sees('이틀');
  await guest.say('상담원 불러 주세요');
  await guest.sees('이메일 주소를 적어');
  await guest.say('mina@example.com');
  await guest.sees('이 주소로 답을');
  await api.patch('/api/v1/me', { availability: 'online' });
});
