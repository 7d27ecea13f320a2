import type { StatusLine } from "./statusLine.ts";

/** Signals within this time are one press of Ctrl-C: npm passes on what the terminal sends to both. */
const ONE_PRESS_MS = 1000;

/** Exit status of a process ended by Ctrl-C. */
export const INTERRUPTED = 130;

export type Interrupt = ReturnType<typeof watchInterrupt>;

/**
 * The first Ctrl-C, or SIGTERM, sets `isAsked`: the run is saved and paused, and the command ends with `INTERRUPTED`. A
 * second one, more than a second later, ends the process without saving.
 */
export function watchInterrupt(line: StatusLine) {
  let askedMs = 0;
  const ask = () => {
    if (state.isAsked) {
      if (performance.now() - askedMs > ONE_PRESS_MS) process.exit(INTERRUPTED);
      return;
    }
    state.isAsked = true;
    askedMs = performance.now();
    line.print("Saving a checkpoint. Press Ctrl-C again to quit without saving.");
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  const end = () => {
    for (const signal of signals) process.off(signal, ask);
  };
  const state = { isAsked: false, end };
  for (const signal of signals) process.on(signal, ask);
  return state;
}
