// The loader's eye on the conversation: not the messages, only how far the log was seen and how many are unread. What it cannot
// count itself (something was lost on the way, or began in another tab) a new welcome tells.

import type { Answer, Conversation, Envelope, Welcome } from '../shared/wire';

export interface FollowerEnv {
  request(m: string, p: unknown): Promise<Answer | null>;
  /** Say hello again. */
  greet(nothing?: void): void;
  /** A message of the shop came in. */
  heard(event: Envelope): void;
  /** The unread count changed; `ring` when a message of the shop came in just now, `begun` when it began a conversation by it. */
  changed(ring: boolean, begun?: boolean): void;
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

  const { greet } = env;
  // Names of conversations' channels are in the order of time.
  let newest = 'c/';
  /** Heard of once: of a newer conversation only a welcome tells. */
  const stray = (channel: string): void => {
    if (channel > newest && channel < 'd') greet(void (newest = channel));
  };

  const delivered = (): void => {
    env.request('receipt.put', { conversation: self.at!.id, delivered: self.at!.have });
  };

  const self: Follower = {
    at: null,
    unread: 0,
    welcome({ conversation, unread }) {
      const begun = !!unread && conversation?.channel === newest && self.at?.channel !== newest;
      const ring = begun || (!!self.at && unread > self.unread);
      self.unread = unread;
      if (conversation) {
        self.at = { id: conversation.id, channel: conversation.channel, have: (last = conversation.last_seq) };
        newest = conversation.channel;
        if (unread) delivered();
      }
      env.changed(ring, begun);
    },
    pub(channel, event) {
      const { type, data, seq } = event;
      const { at } = self;
      if (type === 'conversation.changed') stray((data.conversation as Conversation).channel);
      else if (channel !== at?.channel) stray(channel);
      else if (seq! > at.have + 1) greet();
      else if (seq! > at.have) {
        at.have++;
        if (type !== 'message.posted' || event.sender?.kind === 'visitor') return;
        last = seq!;
        self.unread++;
        delivered();
        env.heard(event);
        env.changed(true);
      } else if (type === 'receipt.advanced' && data.side === 'visitor' && (data.read as number) >= last && self.unread) {
        // Read in another tab or on another device.
        self.unread = 0;
        env.changed(false);
      }
    },
    tops(tops) {
      if (self.at && tops[self.at.channel]! > self.at.have) greet();
      for (const channel in tops) stray(channel);
    },
    forget() {
      self.at = null;
      self.unread = 0;
    },
  };
  return self;
}
