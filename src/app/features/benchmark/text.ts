/** What people read of a benchmark, and how it names the browser. Pure. */
import { PRESETS, type PresetName } from "../../../engine/config/presets.ts";

export function introductionWords(preset: PresetName): string {
  return `Measures how fast this device trains the network of the preset ${PRESETS[preset].label}, with this page's operations and with plain TensorFlow.js. This takes about a minute, longer on a slow device. Nothing is sent anywhere.`;
}

/** Read aloud before the table. */
export const TABLE_CAPTION = "This page against stock TensorFlow.js on this device";

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
