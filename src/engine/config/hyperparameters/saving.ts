/** The settings of checkpoints and early stopping. */
import type { Hyperparameter } from "./kinds.ts";

export const SAVING = {
  checkpointMinutes: {
    kind: "real",
    label: "Checkpoint every",
    help: "Minutes between checkpoints in this browser, fewer at the start of a run. One is also saved after every epoch, on Pause and Stop, and when the page is hidden; 0 saves only those.",
    default: 1,
    min: 0,
    max: 1440,
  },
  patience: {
    kind: "integer",
    label: "Patience",
    help: "Training stops after this many epochs in a row without a lower validation loss, and keeps the best weights (Prechelt 1998); 0 is off.",
    default: 0,
    min: 0,
    max: 10_000,
  },
  minGain: {
    kind: "real",
    label: "Minimum gain",
    help: "How much the validation loss must fall to count as lower for the patience.",
    default: 0,
    min: 0,
    max: 10,
  },
} as const satisfies Record<string, Hyperparameter>;
