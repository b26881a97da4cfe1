/** A person as a coloured circle with an initial, and whether they are there. The initial is drawn, not text: the name stands beside. */
import styles from "./Avatar.module.css";

interface Props { id: string; name: string; size?: number; dot?: "online" | "away" | "offline" | null; muted?: boolean }

/** The same person has the same hue everywhere. */
function hueOf(id: string): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) % 3600;
  return hash / 10;
}

function initialOf(name: string): string {
  // Marks that only steer the direction of text are no initials.
  const words = name.replace(/\p{Cf}/gu, "").trim().split(/\s+/);
  // "Visitor 4F2A" tells itself apart by its last word.
  const word = words.length > 1 && /^[0-9A-F]{4}$/.test(words.at(-1) ?? "") ? (words.at(-1) ?? "").slice(0, 2) : (words[0] ?? "");
  return /^[0-9A-F]{2}$/.test(word) ? word : [...word].slice(0, 1).join("").toUpperCase();
}

export function Avatar({ id, name, size = 36, dot = null, muted = false }: Props) {
  return (
    <span className={styles["avatar"]} data-muted={muted || undefined} aria-hidden="true" data-initial={initialOf(name)}
      style={{ "--size": `${size}px`, "--hue": hueOf(id) } as React.CSSProperties}>
      {dot && <span className={styles["dot"]} data-state={dot} />}
    </span>
  );
}
