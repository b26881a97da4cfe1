// The loader's eye on the conversation: not the messages, only how far the log was seen and how many are unread.

import { watchStrays } from '../shared/strays';
import type { Answer, Conversation, Envelope, Since, Welcome } from '../shared/wire';

export interface FollowerEnv {
  request(m: string, p: unknown): Promise<Answer | null>;
  /** Say hello again: something began that only a welcome tells of. */
  greet(): void;
  /** The unread count changed; `ring` when a message of the shop came in just now. */
  changed(ring: boolean): void;
}

export interface Follower {
  at: { id: string; channel: string; have: number } | null;
  unread: number;
  welcome(welcome: Welcome): void;
  pub(channel: string, event: Envelope): void;
  tops(tops: Record<string, number>): void;
  forget(): void;
}

export function createFollower(env: FollowerEnv): Follower {
  let last = 0;

  const stray = watchStrays(() => self.at?.channel, env.greet);

  const delivered = (): void => {
    env.request('receipt.put', { conversation: self.at!.id, delivered: self.at!.have });
  };

  const take = (event: Envelope): void => {
    const { at } = self;
    if (!at || event.seq !== at.have + 1) return;
    at.have++;
    if (event.type !== 'message.posted' || event.sender?.kind === 'visitor') return;
    last = at.have;
    self.unread++;
    delivered();
    env.changed(true);
  };

  // What a page of the log does not reach, the next heartbeat asks for.
  const fill = async (): Promise<void> => {
    const { at } = self;
    const since = at && ((await env.request('channel.since', { channel: at.channel, after: at.have }))?.ok as unknown as Since);
    if (at === self.at) since?.entries.forEach(take);
  };

  const follow = ({ id, channel }: Conversation, have: number): void => {
    self.at = { id, channel, have };
  };

  const meet = (conversation: Conversation): void => {
    const known = self.at?.id;
    // An older conversation may change too, when an operator resolves it late; ids are in the order of time.
    if (known! > conversation.id) return;
    if (known !== conversation.id) follow(conversation, 0);
    if (conversation.last_seq > self.at!.have) fill();
  };

  const self: Follower = {
    at: null,
    unread: 0,
    welcome({ conversation, unread }) {
      const ring = !!self.at && unread > self.unread;
      self.unread = unread;
      if (conversation) {
        follow(conversation, (last = conversation.last_seq));
        if (unread) delivered();
      }
      env.changed(ring);
    },
    pub(channel, event) {
      const { type, data, seq } = event;
      if (type === 'conversation.changed') return meet(data.conversation as Conversation);
      if (channel !== self.at?.channel) return stray(channel);
      if (seq) {
        take(event);
        // Higher than the next one: something was lost on the way.
        if (seq > self.at.have) fill();
      } else if (type === 'receipt.advanced' && data.side === 'visitor' && (data.read as number) >= last && self.unread) {
        // Read in another tab or on another device.
        self.unread = 0;
        env.changed(false);
      }
    },
    tops(tops) {
      if (self.at && tops[self.at.channel]! > self.at.have) fill();
      for (const channel in tops) stray(channel);
    },
    forget() {
      self.at = null;
      self.unread = 0;
    },
  };
  return self;
}
