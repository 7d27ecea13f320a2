/** What people read of a benchmark, and how it names the browser. Pure. */
import { PRESETS, type PresetName } from "../../../engine/config/presets.ts";

export function introductionWords(preset: PresetName): string {
  return `Trains the network of the preset ${PRESETS[preset].label} for a few steps, without changing any run, to tell how fast this device is. This takes some seconds, longer on a slow device. Nothing is sent anywhere.`;
}

/** Read aloud before the table. */
export const TABLE_CAPTION = "How fast this device trains";

/** In this order, since most user agents name the later ones as well. */
const BROWSERS = [
  ["Edge", /Edg\/(\d+)/],
  ["Opera", /OPR\/(\d+)/],
  ["Firefox", /Firefox\/(\d+)/],
  ["Chrome", /Chrome\/(\d+)/],
  ["Safari", /Version\/(\d+).*Safari/],
] as const;

const SYSTEMS = [
  ["Android", /Android/],
  ["iOS", /iPhone|iPad/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X/],
  ["ChromeOS", /CrOS/],
  ["Linux", /Linux/],
] as const;

/** `Chrome 141 on Linux`; an unknown user agent stays as it is. */
export function browserName(userAgent: string): string {
  for (const [name, pattern] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1];
    if (!version) continue;
    const system = SYSTEMS.find(([, word]) => word.test(userAgent))?.[0];
    return `${name} ${version}${system ? ` on ${system}` : ""}`;
  }
  return userAgent;
}
