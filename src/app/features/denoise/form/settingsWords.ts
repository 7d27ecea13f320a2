/** What is set, in a line, where the fields themselves are folded. Pure. */
import { SAMPLERS, type SamplerEntry } from "../../../../engine/diffusion/samplers.ts";
import type { DenoiseSettings, SideSettings } from "../state/denoiseSettings.ts";

/** `36 digits, seed 0, DDIM` */
export function settingsWords(settings: DenoiseSettings): string {
  const { digits, seed, a, b, isComparing } = settings;
  const samplers = isComparing ? `A ${samplerWords(a)}, B ${samplerWords(b)}` : samplerWords(a);
  const count = `${digits} ${digits === "1" ? "digit" : "digits"}`;
  return `${count}, seed ${seed}, ${samplers}`;
}

function samplerWords({ sampler, steps }: SideSettings): string {
  const { label, settings }: SamplerEntry = SAMPLERS[sampler];
  return steps === null || !settings.includes("timesteps") ? label : `${label} in ${steps}`;
}
