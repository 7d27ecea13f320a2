import { PRESETS, type PresetName } from "../config/presets.ts";

/** What a run is called until the person gives it a name: `Quick, 25 Nov, 14:07`. */
export function runName(preset: PresetName, date: Date): string {
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return `${PRESETS[preset].label}, ${day}, ${time}`;
}
