import { PRESETS, type PresetName } from "../config/presets.ts";
import { MAX_NAME_LENGTH } from "../runName.ts";

/** The name that a person typed, without needless spaces; null when nothing is left. */
export function typedName(text: string): string | null {
  return text.replaceAll(/\s+/g, " ").trim().slice(0, MAX_NAME_LENGTH) || null;
}

/** What a run is called until the person gives it a name: `Quick, 25 Nov, 14:07`. */
export function runName(preset: PresetName, date: Date): string {
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return `${PRESETS[preset].label}, ${day}, ${time}`;
}
