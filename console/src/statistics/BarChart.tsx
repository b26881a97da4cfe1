/** Bars that begin at zero, with their numbers beside them where there is room; the same in a table for who cannot see them, or wants to copy. */
import { useElementSize } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { ceiling, named, type Bar } from "./figures";
import styles from "./Statistics.module.css";

/** Before its place is measured. */
const USUAL = 720;
const HEIGHT = 220;
/** A name under the bars takes about this. */
const NAME = 46;
const LEFT = 44;
const BOTTOM = 24;
const TOP = 18;

export function BarChart({ bars, title, column }: { bars: readonly Bar[]; title: string; column: string }) {
  const { t, i18n } = useTranslation();
  // Drawn as wide as it stands, so that its words have the size of all others.
  const { ref, width: measured } = useElementSize();
  const across = measured || USUAL;
  const end = ceiling(bars.map((bar) => bar.value));
  const room = across - LEFT;
  const step = room / Math.max(1, bars.length);
  const width = Math.min(48, Math.max(2, step * 0.68));
  const scale = (value: number): number => ((HEIGHT - BOTTOM - TOP) * value) / end;
  const shown = new Set(named(bars.length, Math.floor(room / NAME)));
  const number = (value: number): string => value.toLocaleString(i18n.language);
  const most = Math.max(...bars.map((bar) => bar.value), 0);
  return (
    <figure className={styles["figure"]} ref={ref}>
      <svg viewBox={`0 0 ${across} ${HEIGHT}`} role="img" aria-label={title} className={styles["chart"]} data-testid="chart">
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line x1={LEFT} x2={across} y1={HEIGHT - BOTTOM - scale(end * part)} y2={HEIGHT - BOTTOM - scale(end * part)} className={styles["grid"]} />
            <text x={LEFT - 8} y={HEIGHT - BOTTOM - scale(end * part) + 4} textAnchor="end" className={styles["axis"]}>{number(end * part)}</text>
          </g>
        ))}
        {bars.map((bar, index) => {
          const x = LEFT + step * index + (step - width) / 2;
          const y = HEIGHT - BOTTOM - scale(bar.value);
          // Directly where there is room; among many bars the highest says how high it is.
          const labelled = bar.value > 0 && (step > 34 || bar.value === most);
          return (
            <g key={index}>
              <rect x={x} y={y} width={width} height={scale(bar.value)} rx={Math.min(3, width / 3)} className={styles["bar"]}><title>{`${bar.name}: ${number(bar.value)}`}</title></rect>
              {labelled && <text x={x + width / 2} y={y - 5} textAnchor="middle" className={styles["value"]}>{number(bar.value)}</text>}
              {shown.has(index) && <text x={x + width / 2} y={HEIGHT - 7} textAnchor="middle" className={styles["axis"]}>{bar.name}</text>}
            </g>
          );
        })}
      </svg>
      <details className={styles["details"]}>
        <summary>{t("statistics.as_table")}</summary>
        <div className={styles["scroll"]}>
          <table className={styles["table"]}>
            <thead><tr><th scope="col">{column}</th><th scope="col" className={styles["right"]}>{title}</th></tr></thead>
            <tbody>{bars.map((bar, index) => <tr key={index}><th scope="row">{bar.name}</th><td className={styles["right"]}>{number(bar.value)}</td></tr>)}</tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
