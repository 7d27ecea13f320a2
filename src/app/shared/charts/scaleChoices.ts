import type { Scale } from "../../state/slices/chartOptions.ts";

/** Of an axis, wherever it is chosen, in this order. */
export const SCALE_CHOICES: { value: Scale; label: string }[] = [
  { value: "linear", label: "Linear" },
  { value: "log", label: "Log" },
];
