/** Something that is on or off, with what it means beside it. The whole row is the label. */
import { Switch } from "@mantine/core";
import { useId, type ReactNode } from "react";
import styles from "./Form.module.css";

interface Props {
  label: string; hint?: ReactNode; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean; error?: string; testId?: string; children?: ReactNode;
}

export function ToggleRow({ label, hint, checked, onChange, disabled = false, error, testId, children }: Props) {
  const id = useId();
  return (
    <div className={styles["toggle"]} data-error={error ? true : undefined}>
      <label className={styles["toggleHead"]} htmlFor={id}>
        <span className={styles["toggleText"]}>
          <span className={styles["toggleLabel"]} id={`${id}-label`}>{label}</span>
          {hint && <span className={styles["toggleHint"]} id={`${id}-hint`}>{hint}</span>}
        </span>
        <Switch id={id} size="md" checked={checked} disabled={disabled} data-testid={testId} aria-labelledby={`${id}-label`} aria-describedby={hint ? `${id}-hint` : undefined}
          aria-invalid={error ? true : undefined} onChange={(event) => onChange(event.currentTarget.checked)} />
      </label>
      {error && <p className={styles["error"]} role="alert">{error}</p>}
      {children && <div className={styles["toggleMore"]}>{children}</div>}
    </div>
  );
}
