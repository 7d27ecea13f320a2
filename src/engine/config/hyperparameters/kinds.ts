/** The kinds of entries that the table of hyperparameters can have. */

interface Described {
  label: string;
  /** One sentence for the form: what it does and, where one exists, its source. */
  help: string;
}
interface NumberHyperparameter extends Described {
  kind: "integer" | "real";
  default: number;
  min: number;
  max: number;
}
interface IntegersHyperparameter extends Described {
  kind: "integers";
  default: readonly number[];
  min: number;
  max: number;
  maxLength: number;
}
interface ChoiceHyperparameter extends Described {
  kind: "choice";
  default: string;
  /** By value; the usual one first. */
  options: Record<string, { label: string }>;
}
interface SwitchHyperparameter extends Described {
  kind: "switch";
  default: boolean;
}
export type Hyperparameter =
  | NumberHyperparameter
  | IntegersHyperparameter
  | ChoiceHyperparameter
  | SwitchHyperparameter;

/** The type of a setting's value. */
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
