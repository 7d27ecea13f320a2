import { PRESETS, type PresetName } from "../config/presets.ts";
import { MAX_NAME_LENGTH, truncated } from "../runName.ts";

/** The name that a person typed, without needless spaces; null when nothing is left that can be seen. */
export function typedName(text: string): string | null {
  // Separators, controls, and what is drawn as nothing: a zero-width space, a Braille blank, Hangul fillers.
  const isBlank = /^[\p{Z}\p{C}\u2800\u115F\u1160\u3164\uFFA0]*$/u.test(text);
  return isBlank ? null : truncated(text.replaceAll(/\s+/g, " ").trim(), MAX_NAME_LENGTH);
}

/** What a run is called until the person gives it a name: `Quick, 25 Nov, 14:07`. */
export function runName(preset: PresetName, date: Date): string {
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return `${PRESETS[preset].label}, ${day}, ${time}`;
}
