import { NativeSelect } from "@mantine/core";

interface TableFieldProps<Id extends string> {
  label: string;
  /** Its labels are as written in the middle of a sentence. */
  table: Partial<Record<Id, { label: string }>>;
  id: Id;
  onChange: (id: Id) => void;
  className?: string | undefined;
}

/** A choice of an entry of a table. */
export function TableField<Id extends string>({
  label,
  table,
  id,
  onChange,
  className = "",
}: TableFieldProps<Id>) {
  const entries = Object.entries(table) as [Id, { label: string }][];
  return (
    <NativeSelect
      label={label}
      classNames={{ root: className }}
      data={entries.map(([value, entry]) => ({
        value,
        label: entry.label.charAt(0).toUpperCase() + entry.label.slice(1),
      }))}
      value={id}
      onChange={({ currentTarget }) => onChange(currentTarget.value as Id)}
    />
  );
}
