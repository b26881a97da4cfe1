/** The chat's colour: eight that work, or one's own; says what can be read on it and whether it stands out. */
import { Button, Input, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cleanColor, contrastWithBlack, contrastWithWhite, isColor, standingOut } from "./color";
import { textOn } from "./palette";
import styles from "./Site.module.css";

const SWATCHES = ["#0f7285", "#1f6feb", "#5b4bd6", "#a13a9b", "#c2334d", "#b4500b", "#2b7a3d", "#2f3640"];

interface Props { value: string; onChange: (color: string) => void; error: string | undefined; disabled: boolean }

export function ColorField({ value, onChange, error, disabled }: Props) {
  const { t, i18n } = useTranslation();
  // What is typed becomes the colour once it is one; half of one stays in the field.
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? value;
  const valid = isColor(cleanColor(shown));
  const type = (text: string): void => {
    const color = cleanColor(text);
    setTyped(text);
    if (isColor(color)) onChange(color);
  };
  return (
    <Input.Wrapper label={t("site.color")} labelElement="div" error={error ?? (valid ? undefined : t("site.color_invalid"))} inputWrapperOrder={["label", "input", "description", "error"]}>
      <div className={styles["colors"]}>
        <div className={styles["swatches"]} role="group" aria-label={t("site.color")}>
          {SWATCHES.map((color) => (
            <button key={color} type="button" className={styles["swatch"]} style={{ background: color }} aria-label={color} aria-pressed={color === value.toLowerCase()} disabled={disabled} onClick={() => { setTyped(null); onChange(color); }}>
              {color === value.toLowerCase() && <IconCheck size={16} stroke={2.5} aria-hidden="true" />}
            </button>
          ))}
        </div>
        <div className={styles["own"]}>
          <input type="color" className={styles["picker"]} aria-label={t("site.color_pick")} value={isColor(value) ? value : "#000000"} disabled={disabled} onChange={(event) => { setTyped(null); onChange(event.currentTarget.value); }} />
          <TextInput className={styles["hex"]} aria-label={t("site.color_custom")} value={shown} disabled={disabled} spellCheck={false} maxLength={9} error={!valid} data-testid="site-color"
            onBlur={() => { if (valid) setTyped(null); }} onChange={(event) => type(event.currentTarget.value)} />
        </div>
      </div>
      {valid && <Legibility color={cleanColor(shown)} language={i18n.language} onDarker={disabled ? null : (color) => { setTyped(null); onChange(color); }} />}
    </Input.Wrapper>
  );
}

function Legibility({ color, language, onDarker }: { color: string; language: string; onDarker: ((color: string) => void) | null }) {
  const { t } = useTranslation();
  const white = textOn(color) === "#fff";
  const ratio = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(white ? contrastWithWhite(color) : contrastWithBlack(color));
  const better = standingOut(color);
  const faint = better.toLowerCase() !== color.toLowerCase();
  return (
    <div className={styles["legible"]} role="status">
      <p><IconCircleCheck size={16} stroke={1.75} aria-hidden="true" />{t(white ? "site.color_white" : "site.color_black", { ratio })}</p>
      {faint && (
        <p data-warn>
          <IconAlertTriangle size={16} stroke={1.75} aria-hidden="true" /><span>{t("site.color_faint")}</span>
          {onDarker && <Button size="compact-sm" variant="default" onClick={() => onDarker(better)} leftSection={<span className={styles["chip"]} style={{ background: better }} />}>{t("site.color_darker", { color: better })}</Button>}
        </p>
      )}
    </div>
  );
}
