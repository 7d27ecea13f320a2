/** The validation loss by timestep of one epoch as text files. */
import { bucketTimesteps } from "../../../engine/config/timestepBuckets.ts";
import { encodeCsv } from "../../../engine/formats/csv.ts";
import type { Run } from "../../state/slices/run.ts";

/** A row for each part of [0, T) with its first and last timestep; its loss, and of the epoch before. */
export function bucketCsv(epochs: Run["epochs"], numTimesteps: number): string {
  const parts = partsOf(epochs, numTimesteps);
  return encodeCsv([
    { name: "first_timestep", values: parts.map(({ first }) => first) },
    { name: "last_timestep", values: parts.map(({ last }) => last) },
    ...epochs.slice(-2).map(({ epoch, bucketLosses }) => ({
      name: `epoch_${epoch}`,
      values: parts.map((_, bucket) => bucketLosses[bucket] ?? Number.NaN),
    })),
  ]);
}

/** The same; null where no image fell. */
export function bucketJson(title: string, epochs: Run["epochs"], numTimesteps: number): string {
  const timesteps = partsOf(epochs, numTimesteps);
  const shown = epochs.slice(-2).map(({ epoch, step, bucketLosses }) => ({
    epoch,
    step,
    loss: bucketLosses,
  }));
  return JSON.stringify({ title, timesteps, epochs: shown });
}

function partsOf(epochs: Run["epochs"], numTimesteps: number) {
  const numBuckets = epochs.at(-1)?.bucketLosses.length ?? 0;
  return Array.from({ length: numBuckets }, (_, bucket) =>
    bucketTimesteps({ bucket, numBuckets, numTimesteps }),
  );
}
