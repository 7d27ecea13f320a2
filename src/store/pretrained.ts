/** A network that was trained before, which the app brings with it; `public/models` has its card. */

import { samplerOf } from "../config/sampler.ts";
import { SNAPSHOT } from "../config/snapshots.ts";
import { messageOf } from "../messageOf.ts";
import type { LoadedWeights, SampleRequest } from "../worker/protocol.ts";

export const PRETRAINED_FILE = "pretrained-quick.safetensors";

/**
 * @param baseUrl absolute URL of the folder that holds `models/`, with `/` at its end
 * @throws Error when it cannot be had, with its URL, why, and what to do
 */
export async function fetchPretrained(
  baseUrl = new URL(import.meta.env.BASE_URL, document.baseURI).href,
): Promise<File> {
  const url = new URL(`models/${PRETRAINED_FILE}`, baseUrl).href;
  try {
    const response = await fetch(url);
    if (response.ok) return new File([await response.blob()], PRETRAINED_FILE);
    throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  } catch (error) {
    throw new Error(
      `Could not download ${url} (${messageOf(error)}). Check the network connection and try again, or train a network yourself.`,
      { cause: error },
    );
  }
}

/** So that one sees at once what it can do: as many digits as a snapshot has, of seed 0. */
export function firstDigits({ config }: LoadedWeights): Omit<SampleRequest, "sampleId"> {
  return {
    ...{ count: SNAPSHOT.count, seed: 0, weights: "ema", givesX0: false },
    sampler: samplerOf(config.samplingTimesteps, config),
    network: { kind: "current" },
    start: { kind: "noise" },
  };
}
