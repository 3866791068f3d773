/** The field that finds what one may ask for, and what it says where it finds nothing or too much. */
import type { KeyboardEvent, ReactNode } from "react";
import { TextField } from "../../parts/field.tsx";

interface TargetSearchProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

export function TargetSearch({ value, onChange, onKeyDown }: TargetSearchProps): ReactNode {
  return (
    <TextField
      label="Search by service, label or name"
      type="search"
      placeholder="checkout env=prod"
      value={value}
      onChange={({ target }) => onChange(target.value)}
      onKeyDown={onKeyDown}
    />
  );
}
