/** Opens a log while a component shows it: first page, then its channel. */
import { useCallback, useEffect } from "react";
import type { Conversation } from "../api/types";
import { live } from "../live/live";
import { takeSignal } from "../live/signals";
import { useStore } from "../store";
import { logStore, type LogKind, type LogState } from "./log-store";

/** The publication usually brings an entry before this; where it does not come, the inbox still tells of it. */
const LATE = 1000;

export interface OpenLog extends LogState { loadOlder: () => void; retry: () => void }

export function useLog(conversation: Conversation, kind: LogKind): OpenLog {
  const store = logStore(conversation, kind);
  const channel = kind === "messages" ? conversation.channel : conversation.notes_channel;
  const top = kind === "messages" ? conversation.last_seq : conversation.last_note_seq;
  const state = useStore(store.state);

  const ready = state.status === "ready";

  useEffect(() => {
    void store.load(top);
    // `top` only tells the first load where to begin.
  }, [store]);

  useEffect(() => {
    if (!ready) return undefined;
    return live.follow(channel, { have: store.have, take: store.take, catchUp: store.catchUp, signal: takeSignal });
  }, [store, channel, ready]);

  useEffect(() => {
    if (!ready || top <= store.have()) return undefined;
    const timer = setTimeout(() => { if (top > store.have()) void store.catchUp(); }, LATE);
    return () => clearTimeout(timer);
  }, [store, ready, top]);

  useEffect(() => live.onWelcome(() => void store.load(store.have())), [store]);

  const retry = useCallback(() => void store.load(top), [store, top]);
  const loadOlder = useCallback(() => void store.loadOlder(), [store]);
  return { ...state, loadOlder, retry };
}
