export type Hyperparameter = {
  label: string;
  /** One sentence for the form: what it does and, where one exists, its source. */
  help: string;
} & (
  | { kind: "integer" | "real"; default: number; min: number; max: number }
  | { kind: "integers"; default: readonly number[]; min: number; max: number; maxLength: number }
  /** Options by value; the usual one first. */
  | { kind: "choice"; default: string; options: Record<string, { label: string }> }
  | { kind: "switch"; default: boolean }
);

export type ValueOf<H> = H extends { kind: "integers" }
  ? readonly number[]
  : H extends { kind: "choice"; options: infer Options }
    ? keyof Options
    : H extends { kind: "switch" }
      ? boolean
      : number;

/** The help texts of a table's entries, joined into one. */
export function tableHelp(table: Record<string, { help: string }>): string {
  return Object.values(table)
    .map(({ help }) => help)
    .join(" ");
}
