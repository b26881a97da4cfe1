// Files on their way: one after the other, with progress; what has arrived becomes a message. What cannot be sent is said at once.

import type { Attachment, Site, WireError } from '../shared/wire';
import { timeOf, uuidv7 } from './ids';
import type { Store, Upload } from './state';

export interface FilesEnv {
  store: Store;
  /** Uploads; calls back with what part is done. Null: it did not get through. */
  send(file: File, progress: (share: number) => void, abort: AbortSignal): Promise<{ attachment?: Attachment; err?: WireError } | null>;
  /** It is there: post it, in the place in which it was chosen. Its upload goes when the outbox has the message. */
  sent(attachment: Attachment, conversation: string | null, id: string): void;
}

export interface Files {
  add(files: Iterable<File>): void;
  cancel(id: string): void;
  retry(id: string): void;
  /** Call when there may be a way to send. */
  drain(): void;
}

/** Pictures that every browser shows; what the server makes of others is its thing. */
const PICTURE = /^image\/(png|jpe?g|gif|webp)$/;

/** Why a site does not take this file, or nothing. Pure. */
export function refusal(file: { size: number; type: string }, allowed: Site['files']): WireError | null {
  const most = allowed?.max_mib ?? 10;
  if (!file.size) return { code: 'empty', message: '' };
  if (file.size > most * 1024 * 1024) return { code: 'too_large', message: '', fields: { limit: most + ' MB' } };
  return allowed?.types === 'images' && !PICTURE.test(file.type) ? { code: 'type', message: '' } : null;
}

/** A limit that changed meanwhile is the one that the server met. */
function named(err: WireError | undefined, allowed: Site['files']): WireError {
  if (err?.reason === 'file_too_large') return { ...err, fields: { limit: (allowed?.max_mib ?? 10) + ' MB' } };
  return err ?? { code: 'lost', message: '' };
}

export function createFiles(env: FilesEnv): Files {
  const { store } = env;
  const held = new Map<string, File>();
  let now: { id: string; abort: AbortController } | null = null;

  const change = (id: string, news: Partial<Upload>): void =>
    store.set({ uploads: store.get().uploads.map((one) => (one.id === id ? { ...one, ...news } : one)) });

  const forget = (id: string): void => {
    held.delete(id);
    store.set({ uploads: store.get().uploads.filter((one) => one.id !== id) });
  };

  const drain = (): void => {
    const next = store.get().uploads.find((one) => !one.err && held.has(one.id));
    if (now || !next || !store.get().up) return;
    const abort = new AbortController();
    now = { id: next.id, abort };
    void env.send(held.get(next.id)!, (progress) => change(next.id, { progress }), abort.signal).then((answer) => {
      now = null;
      if (!held.has(next.id)) {
        // Cancelled meanwhile: an upload that nobody sends is removed by the server.
      } else if (answer?.attachment) {
        if (next.preview) previews.set(answer.attachment.id, next.preview);
        held.delete(next.id);
        env.sent(answer.attachment, store.get().conversation?.id ?? null, next.id);
      } else change(next.id, { err: named(answer?.err, store.get().site?.files), progress: 0 });
      drain();
    });
  };

  return {
    drain,
    add(files) {
      const { outbox } = store.get();
      const added = [...files].slice(0, 10).map((file): Upload => {
        const id = uuidv7(Date.now(), timeOf(outbox[outbox.length - 1]?.id ?? ''));
        held.set(id, file);
        const preview = PICTURE.test(file.type) ? URL.createObjectURL(file) : null;
        const { name, size, type } = file;
        return { id, at: Date.now(), name: name || 'image.png', size, media_type: type, preview, progress: 0, err: refusal(file, store.get().site?.files) };
      });
      store.set({ uploads: [...store.get().uploads, ...added] });
      drain();
    },
    cancel(id) {
      forget(id);
      if (now?.id === id) now.abort.abort();
    },
    retry(id) {
      change(id, { err: null });
      drain();
    },
  };
}

/** Pictures of this page's life, by the attachment they became: shown without asking the server for them. */
export const previews = new Map<string, string>();

/** The upload itself. By XMLHttpRequest, because `fetch` tells no progress. */
export function upload(file: File, site: string, ticket: string, progress: (share: number) => void, abort: AbortSignal): ReturnType<FilesEnv['send']> {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/widget/v1/files?name=' + encodeURIComponent(file.name || 'image.png'));
    request.setRequestHeader('authorization', 'Bearer ' + ticket);
    request.setRequestHeader('x-stalk-site', site);
    request.setRequestHeader('content-type', file.type || 'application/octet-stream');
    request.responseType = 'json';
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    request.onload = () => {
      const answer = request.response as { attachment?: Attachment; err?: WireError; code?: string } | null;
      if (answer?.attachment) done({ attachment: answer.attachment });
      else done(answer?.err ? { err: answer.err } : answer?.code ? { err: answer as WireError } : null);
    };
    request.onerror = request.onabort = request.ontimeout = () => done(null);
    abort.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
