import type { RunConfig } from "../engine/config/hyperparameters.ts";
import { PRESETS, type PresetName } from "../engine/config/presets.ts";
import { truncated, unturned } from "../engine/shortenedText.ts";
import { counted } from "./format.ts";

/** Longer ones would be cut off wherever they are shown. */
export const MAX_NAME_LENGTH = 80;

/** `Quick, 25 Nov, 14:07`, of a distillation `Quick in 4 steps, 25 Nov, 14:07` */
export function defaultRunName(
  preset: PresetName,
  date: Date,
  { distilFrom, epochs }: Pick<RunConfig, "distilFrom" | "epochs">,
): string {
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const steps = distilFrom > 0 ? ` in ${counted(distilFrom / 2 ** epochs, "step")}` : "";
  return `${PRESETS[preset].label}${steps}, ${day}, ${time}`;
}

/** A name as it was typed, or is in a file, unturned and without needless spaces; null when nothing is left that can be seen. */
export function visibleName(text: string): string | null {
  // Separators, controls, and what is drawn as nothing: a zero-width space, a Braille blank, Hangul fillers.
  const isBlank = /^[\p{Z}\p{C}\u2800\u115F\u1160\u3164\uFFA0]*$/u.test(text);
  return isBlank ? null : truncated(unturned(text).replaceAll(/\s+/g, " ").trim(), MAX_NAME_LENGTH);
}

/**
 * A name that none of `taken` is: itself where it is free, else with the next free number, as
 * `Quick (2)`; cut where that would make it too long.
 */
export function uniqueName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  const base = name.replace(/ \(\d+\)$/, "");
  for (let number = 2; ; number++) {
    const suffix = ` (${number})`;
    const numbered = truncated(base, MAX_NAME_LENGTH - suffix.length).trimEnd() + suffix;
    if (!taken.includes(numbered)) return numbered;
  }
}

/** The name of a run from a file: that of the file where its own is the preset's, as the command names all of its runs. */
export function importedName(name: string, fileName: string): string {
  const isPreset = Object.values(PRESETS).some(({ label }) => label === name);
  return (isPreset && visibleName(fileName.replace(/\.safetensors$/i, ""))) || name;
}

/** An id that no other run has, in whatever tab. `randomUUID` is there over https only. */
export function newRunId(): string {
  const words = crypto.getRandomValues(new Uint32Array(4));
  return `run-${Array.from(words, (word) => word.toString(36)).join("")}`;
}
