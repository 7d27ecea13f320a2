/** What is set, in a line, where the fields themselves are folded. Pure. */
import type { DenoiseSettings, SideSettings } from "../../store/denoiseSettings.ts";

/** `36 digits, seed 0, DDIM` */
export function settingsWords(settings: DenoiseSettings): string {
  const { digits, seed, a, b, isComparing } = settings;
  const samplers = isComparing ? `A ${samplerWords(a)}, B ${samplerWords(b)}` : samplerWords(a);
  const count = `${digits} ${digits === "1" ? "digit" : "digits"}`;
  return `${count}, seed ${seed}, ${samplers}`;
}

function samplerWords({ sampler, steps }: SideSettings): string {
  if (sampler === "ancestral") return "ancestral";
  return steps === null ? "DDIM" : `DDIM in ${steps}`;
}
