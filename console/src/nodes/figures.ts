/** What nodes say of themselves, as people read it. Pure. */
import type { Node } from "../api/types";

/** All nodes together; nothing where none of them knows. */
export function sums(nodes: readonly Pick<Node, "connections" | "messages_per_second" | "processors" | "memory">[]) {
  const known = (values: (number | null)[]): number | null => {
    const there = values.filter((value) => value !== null);
    return there.length > 0 ? there.reduce((sum, value) => sum + value, 0) : null;
  };
  return {
    connections: nodes.reduce((sum, node) => sum + node.connections, 0),
    messages: nodes.reduce((sum, node) => sum + node.messages_per_second, 0),
    processors: known(nodes.map((node) => node.processors)),
    memory: known(nodes.map((node) => node.memory)),
  };
}

const UNKNOWN = "–";

/** A number a second: exact while it is small. */
export function rate(perSecond: number, language: string): string {
  return perSecond.toLocaleString(language, { maximumFractionDigits: perSecond < 10 ? 1 : 0 });
}

/** Processors that are busy: 1 is the whole of one. */
export function percent(processors: number | null, language: string): string {
  return processors === null ? UNKNOWN : processors.toLocaleString(language, { style: "percent" });
}

export function bytes(count: number | null, language: string): string {
  if (count === null) return UNKNOWN;
  const mebibytes = count / 1_048_576;
  return mebibytes < 1024
    ? `${mebibytes.toLocaleString(language, { maximumFractionDigits: 0 })} MiB`
    : `${(mebibytes / 1024).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} GiB`;
}
