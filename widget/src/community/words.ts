// Every word of a community's screen.

const en = {
  people: '{count} here now',
  log: 'Messages',
  empty: 'Nobody has said anything yet. Say hello.',
  loading: 'Loading the chat…',
  closed: 'This chat is closed.',
  lost: 'The connection was lost. Reconnecting…',
  staff: 'Shop',
  deleted: 'This message was deleted',
  someone: 'Somebody',
  newOne: '1 new message',
  newMany: '{count} new messages',
  latest: 'To the latest message',
  write: 'Say something to everybody…',
  message: 'Message to everybody',
  send: 'Send',
  slow: 'Slow mode: one message every {time}',
  frozen: 'The shop has paused this chat. You can go on reading.',
  muted: 'You cannot write here for now. You can go on reading.',
  mutedFor: 'You cannot write here for {time}. You can go on reading.',
  guests: 'Sign in at the shop to write. Everybody can read.',
  nameTitle: 'What should the others call you?',
  nameHint: 'Everybody in this chat sees this name.',
  name: 'Your name here',
  join: 'Join in',
  cancel: 'Cancel',
  changeName: 'Change your name ({name})',
  nameTooLong: 'A name has at most 30 characters.',
  tooLong: '{count} characters too many',
  failed: 'Not sent',
  failedFast: 'Not sent: too many messages at once',
  retry: 'Send again',
  drop: 'Remove',
  tryLater: 'That did not work. Please try again.',
  seconds: '{count} s',
  minutes: '{count} min',
  hours: '{count} h',
};

export type Words = typeof en;

const ko: Words = {
  people: '{count}명 참여 중',
  log: '메시지',
  empty: '아직 아무도 말하지 않았어요. 먼저 인사해 보세요.',
  loading: '채팅을 불러오는 중…',
  closed: '종료된 채팅이에요.',
  lost: '연결이 끊겼어요. 다시 연결하는 중…',
  staff: '판매자',
  deleted: '삭제된 메시지예요',
  someone: '누군가',
  newOne: '새 메시지 1개',
  newMany: '새 메시지 {count}개',
  latest: '최신 메시지로 가기',
  write: '모두에게 한마디 해 보세요…',
  message: '모두에게 보내는 메시지',
  send: '보내기',
  slow: '천천히 모드예요. {time}에 한 번 쓸 수 있어요.',
  frozen: '판매자가 채팅을 잠시 멈췄어요. 계속 읽을 수 있어요.',
  muted: '지금은 여기에 쓸 수 없어요. 계속 읽을 수 있어요.',
  mutedFor: '{time} 동안 여기에 쓸 수 없어요. 계속 읽을 수 있어요.',
  guests: '쇼핑몰에 로그인하면 쓸 수 있어요. 읽기는 누구나 할 수 있어요.',
  nameTitle: '어떤 이름으로 참여할까요?',
  nameHint: '이 채팅의 모두에게 보이는 이름이에요.',
  name: '사용할 이름',
  join: '참여하기',
  cancel: '취소',
  changeName: '이름 바꾸기 ({name})',
  nameTooLong: '이름은 30자까지 쓸 수 있어요.',
  tooLong: '{count}자 넘쳤어요',
  failed: '보내지 못했어요',
  failedFast: '너무 빨리 보내서 전송하지 못했어요',
  retry: '다시 보내기',
  drop: '지우기',
  tryLater: '처리하지 못했어요. 다시 시도해 주세요.',
  seconds: '{count}초',
  minutes: '{count}분',
  hours: '{count}시간',
};

export type Say = (key: keyof Words, values?: Record<string, string | number>) => string;

export function words(language: string): Say {
  const texts = /^ko/i.test(language) ? ko : en;
  return (key, values) => texts[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values?.[name] ?? whole));
}

/** How long, as a person says it. */
export function span(say: Say, ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 120) return say('seconds', { count: seconds });
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? say('minutes', { count: minutes }) : say('hours', { count: Math.ceil(minutes / 60) });
}
