/** The chat's colour: eight that work, or one's own. */
import { Input, TextInput } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { isColor, readable } from "./color";
import styles from "./Site.module.css";

const SWATCHES = ["#0f7285", "#1f6feb", "#5b4bd6", "#a13a9b", "#c2334d", "#b4500b", "#2b7a3d", "#2f3640"];

interface Props { value: string; onChange: (color: string) => void; error: string | undefined; disabled: boolean }

export function ColorField({ value, onChange, error, disabled }: Props) {
  const { t } = useTranslation();
  const valid = isColor(value);
  const corrected = valid && readable(value).toLowerCase() !== value.toLowerCase();
  return (
    <Input.Wrapper label={t("site.color")} labelElement="div" error={error ?? (valid ? undefined : t("site.color_invalid"))} description={corrected ? t("site.color_corrected") : undefined}
      inputWrapperOrder={["label", "input", "description", "error"]}>
      <div className={styles["colors"]}>
        <div className={styles["swatches"]} role="group" aria-label={t("site.color")}>
          {SWATCHES.map((color) => (
            <button key={color} type="button" className={styles["swatch"]} style={{ background: color }} aria-label={color} aria-pressed={color === value.toLowerCase()} disabled={disabled} onClick={() => onChange(color)}>
              {color === value.toLowerCase() && <IconCheck size={16} stroke={2.5} aria-hidden="true" />}
            </button>
          ))}
        </div>
        <TextInput className={styles["hex"]} aria-label={t("site.color_custom")} value={value} disabled={disabled} spellCheck={false} maxLength={7} error={!valid}
          leftSection={<span className={styles["chip"]} style={{ background: valid ? value : "transparent" }} />}
          onChange={(event) => onChange(event.currentTarget.value.trim())} />
      </div>
    </Input.Wrapper>
  );
}
