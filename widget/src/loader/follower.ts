// The loader's eye on the conversation: not the messages, only how far the log was seen and how many are unread.

import type { Answer, Conversation, Envelope, Since, Welcome } from '../shared/wire';

export interface FollowerEnv {
  request(m: string, p: unknown): Promise<Answer | null>;
  /** The unread count changed; `ring` when a message of the shop came in just now. */
  changed(ring: boolean): void;
}

export interface Follower {
  at: { id: string; channel: string; have: number } | null;
  unread: number;
  welcome(welcome: Welcome): void;
  pub(channel: string, event: Envelope): void;
  tops(tops: Record<string, number>): void;
  /** The conversation a message went to, or one that changed. */
  meet(conversation: Conversation): void;
  forget(): void;
}

export function createFollower(env: FollowerEnv): Follower {
  let created = 0;
  let last = 0;
  let greeted = false;
  let fetching = false;

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

  const fill = async (): Promise<void> => {
    if (fetching) return;
    fetching = true;
    for (let more = true; more && self.at; ) {
      const since = (await env.request('channel.since', { channel: self.at.channel, after: self.at.have }))?.ok as unknown as Since | undefined;
      since?.entries.forEach(take);
      more = !!since?.more;
    }
    fetching = false;
  };

  const follow = (conversation: Conversation, have: number): void => {
    created = conversation.created_at;
    self.at = { id: conversation.id, channel: conversation.channel, have };
  };

  const self: Follower = {
    at: null,
    unread: 0,
    welcome({ conversation, unread }) {
      const ring = greeted && unread > self.unread;
      greeted = true;
      self.unread = unread;
      if (conversation) {
        follow(conversation, (last = conversation.last_seq));
        if (unread && conversation.receipts.visitor.delivered < last) delivered();
      }
      env.changed(ring);
    },
    pub(channel, event) {
      const { type, data, seq } = event;
      if (type === 'conversation.changed') return self.meet(data.conversation as Conversation);
      if (!self.at || channel !== self.at.channel) return;
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
    },
    meet(conversation) {
      const known = conversation.id === self.at?.id;
      // An older conversation may change too, when an operator resolves it late.
      if (!known && conversation.created_at < created) return;
      if (!known) follow(conversation, 0);
      if (conversation.last_seq > self.at!.have) fill();
    },
    forget() {
      self.at = null;
      self.unread = created = 0;
    },
  };
  return self;
}
