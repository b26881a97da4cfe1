/** Sends one file with its progress. `fetch` tells no progress of what it sends, so this is an XMLHttpRequest. */
import { ApiError } from "../api/client";
import type { ApiProblem, Attachment, Id } from "../api/types";
import { newId } from "../ids";

export interface Upload { done: Promise<Attachment>; cancel: () => void }

export function upload(conversation: Id, file: File, onProgress: (part: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<Attachment>((resolve, reject) => {
    request.open("POST", `/api/v1/files?name=${encodeURIComponent(file.name)}&conversation=${conversation}`);
    request.setRequestHeader("Idempotency-Key", newId());
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status < 300 && answer && "attachment" in answer) resolve(answer.attachment as Attachment);
      else reject(new ApiError(request.status, answer && "code" in answer ? (answer as unknown as ApiProblem) : { code: "internal", message: `HTTP ${request.status}` }));
    };
    request.onerror = () => reject(new ApiError(0, { code: "network", message: "The server did not answer." }));
    request.onabort = () => reject(new ApiError(0, { code: "cancelled", message: "Cancelled." }));
    request.send(file);
  });
  return { done, cancel: () => request.abort() };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
