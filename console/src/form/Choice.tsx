/** A few ways of which one is taken: short ones side by side, or cards with a sentence each. */
import { Input, SegmentedControl } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useId, type ReactNode } from "react";
import styles from "./Form.module.css";

interface Option<V extends string> { value: V; label: string; hint?: string; icon?: ReactNode }
interface Props<V extends string> { label: string; hint?: string; error?: string; value: V; options: Option<V>[]; onChange: (value: V) => void; disabled?: boolean; testId?: string }

export function Segments<V extends string>({ label, hint, error, value, options, onChange, disabled, testId }: Props<V>) {
  return (
    <Input.Wrapper label={label} description={hint} error={error} labelElement="div">
      <div className={styles["segments"]}>
        <SegmentedControl aria-label={label} value={value} disabled={disabled} data-testid={testId} onChange={(chosen) => onChange(chosen as V)} data={options.map((one) => ({ value: one.value, label: one.label }))} />
      </div>
    </Input.Wrapper>
  );
}

export function ChoiceCards<V extends string>({ label, error, value, options, onChange, disabled, testId }: Props<V>) {
  const name = useId();
  return (
    <fieldset className={styles["choices"]} disabled={disabled} aria-label={label} data-testid={testId}>
      {options.map((one) => (
        <label key={one.value} className={styles["choice"]} data-checked={one.value === value || undefined}>
          <input className="sr" type="radio" name={name} value={one.value} checked={one.value === value} aria-describedby={one.hint ? `${name}-${one.value}` : undefined} onChange={() => onChange(one.value)} />
          {one.icon}
          <span className={styles["choiceText"]}>
            <b>{one.label}</b>
            {one.hint && <span id={`${name}-${one.value}`}>{one.hint}</span>}
          </span>
          <IconCheck className={styles["choiceMark"]} size={18} stroke={2} aria-hidden="true" />
        </label>
      ))}
      {error && <p className={styles["error"]} role="alert">{error}</p>}
    </fieldset>
  );
}
