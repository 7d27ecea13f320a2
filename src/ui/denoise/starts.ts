import type { StartKind } from "../../store/denoiseSettings.ts";

/** What one can start from. */
export const STARTS: { value: StartKind; label: string }[] = [
  { value: "noise", label: "Pure noise" },
  { value: "pair", label: "Between two digits" },
  { value: "digit", label: "A digit with noise" },
  { value: "drawing", label: "My drawing" },
];
