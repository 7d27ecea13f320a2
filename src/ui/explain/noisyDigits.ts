import { NUM_PIXELS } from "../../config/hyperparameters.ts";
import { randomNormals } from "../../random.ts";
import { EXAMPLE_DIGIT } from "./exampleDigit.ts";

/** Parts of the way from the digit to noise. */
const PARTS = [0, 0.25, 0.5, 0.75, 1];

export interface NoisyDigits {
  timesteps: number[];
  /** Gray values, `[timesteps.length, 28, 28]`. */
  pixels: Uint8Array;
}

/** The example digit at several t, mixed with the same noise: x_t = sqrt(alphaBar) x0 + sqrt(1 - alphaBar) eps. */
export function noisyDigits(alphaBars: Float64Array): NoisyDigits {
  const timesteps = PARTS.map((part) => Math.round(part * (alphaBars.length - 1)));
  const eps = randomNormals({ seed: 0, stream: "noise", index: 0 }, NUM_PIXELS);
  const pixels = new Uint8Array(timesteps.length * NUM_PIXELS);
  timesteps.forEach((t, image) => {
    const alphaBar = alphaBars[t] ?? 0;
    const [signal, noise] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
    for (let i = 0; i < NUM_PIXELS; i++) {
      const xt = signal * (EXAMPLE_DIGIT[i] as number) + noise * (eps[i] as number);
      pixels[image * NUM_PIXELS + i] = Math.min(255, Math.max(0, Math.round(127.5 * (xt + 1))));
    }
  });
  return { timesteps, pixels };
}
