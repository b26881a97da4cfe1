/** A tag: its name, and a hue that helps the eye. */
import styles from "./TagChip.module.css";

const HUES = [212, 155, 55, 25, 300, 265, 95, 340, 185, 130];

export function TagChip({ name, color }: { name: string; color: number }) {
  return <span className={`${styles["tag"]} cut`} title={name} data-testid="tag" style={{ "--hue": HUES[color % HUES.length] } as React.CSSProperties}>{name}</span>;
}
