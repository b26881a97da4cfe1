/** A tag: its name, and a hue that helps the eye. */
import { hueOf } from "./hues";
import styles from "./TagChip.module.css";

export function TagChip({ name, color }: { name: string; color: number }) {
  return <span className={`${styles["tag"]} cut`} title={name} data-testid="tag" style={hueOf(color)}>{name}</span>;
}
