import type { ComponentChildren } from 'preact';

interface FieldProps {
  id: string;
  name: string;
  disabled: boolean;
  'aria-invalid': boolean;
  'aria-describedby': string;
}

/** A labelled input with room for what is wrong with it. */
export function Field(props: { name: string; label: string; fault: string | undefined; disabled: boolean; children: (props: FieldProps) => ComponentChildren }) {
  const { name, label, fault, disabled, children } = props;
  const id = 'field-' + name;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, name, disabled, 'aria-invalid': !!fault, 'aria-describedby': id + '-fault' })}
      <p class="fault" id={id + '-fault'} role="alert">
        {fault}
      </p>
    </div>
  );
}
