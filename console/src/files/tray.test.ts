import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { outbox, send } from "../outbox/outbox-store";
import { addFiles, removeFile, sendTray, tray } from "./tray";

/** An upload that ends when the test says so. */
class Upload {
  static all: Upload[] = [];
  upload = { onprogress: null };
  status = 0;
  responseText = "";
  onload = (): void => undefined;
  onerror = (): void => undefined;
  onabort = (): void => undefined;
  open = (): void => undefined;
  setRequestHeader = (): void => undefined;
  abort = (): void => this.onabort();
  send(): void {
    Upload.all.push(this);
  }
  answers(status: number, body: unknown): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload();
  }
}

let posted: unknown[];
beforeEach(() => {
  posted = [];
  Upload.all = [];
  outbox.set([]);
  tray.set([]);
  vi.stubGlobal("XMLHttpRequest", Upload);
  vi.stubGlobal("localStorage", { setItem: () => undefined, removeItem: () => undefined });
  vi.stubGlobal("fetch", (_url: string, { body }: { body: string }) => {
    const { text, attachment } = JSON.parse(body) as { text?: string; attachment?: string };
    posted.push(text ?? attachment);
    return Promise.resolve(new Response(JSON.stringify({ message: { seq: posted.length, at: 0 } }), { status: 201, headers: { "content-type": "application/json" } }));
  });
});
afterEach(() => vi.unstubAllGlobals());

const chosen = (conversation: string, ...names: string[]): void => addFiles(conversation, names.map((name) => new File(["x"], name, { type: "application/pdf" })));
const attachment = (id: string): unknown => ({ attachment: { id, name: id, media_type: "application/pdf", size: 1 } });

test("what is written after a file goes after it, whichever is ready first", async () => {
  chosen("one", "a", "b");
  sendTray("one");
  send("one", "messages", "after both");
  send("one", "notes", "a note");
  Upload.all[1]?.answers(201, attachment("B"));
  await vi.waitFor(() => expect(posted).toEqual(["a note"]));
  Upload.all[0]?.answers(201, attachment("A"));
  await vi.waitFor(() => expect(posted).toEqual(["a note", "A", "B", "after both"]));
});

test("a file that was chosen and not sent holds nothing", async () => {
  chosen("two", "a");
  send("two", "messages", "a word");
  await vi.waitFor(() => expect(posted).toEqual(["a word"]));
});

test("a file that was taken back lets go what waited behind it, and so does one that failed", async () => {
  chosen("three", "a");
  sendTray("three");
  send("three", "messages", "first");
  removeFile(tray.get()[0]?.id ?? "");
  await vi.waitFor(() => expect(posted).toEqual(["first"]));
  chosen("three", "b");
  sendTray("three");
  send("three", "messages", "second");
  Upload.all[1]?.answers(413, { code: "too_large", message: "too large" });
  await vi.waitFor(() => expect(posted).toEqual(["first", "second"]));
});
