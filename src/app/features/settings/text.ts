/** What people read around the settings; what is said of each is in the table of hyperparameters. Pure. */

export const LOCKED = "Locked while training. Stop the run to change them.";

/** @param numChanged of the preset's settings */
export function changedWords(numChanged: number): string {
  return `${numChanged} changed from the preset.`;
}
