import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { pairTimestep } from "../../engine/config/sampling.ts";
import type { Dataset, LabeledImages } from "../../engine/data/dataset.ts";
import { pickImages } from "../../engine/data/imageOrder.ts";
import { repeatedImage, toModelRange } from "../../engine/diffusion/noising.ts";
import { numTimestepsOf } from "../../engine/diffusion/objectives.ts";
import { randomPair } from "../../engine/random.ts";
import type { SampleStart } from "../../engine/train/sampleStart.ts";
import type { EventOf } from "../../runtime/run/events.ts";
import type { SampleRequest } from "../../runtime/run/samplingProtocol.ts";

/**
 * What a request begins with, and the images of it, for the page.
 *
 * @throws Error when there are not the images it needs
 */
export function requestedStart(
  { start, seed, count }: Pick<SampleRequest, "start" | "seed" | "count">,
  { dataset, config }: { dataset: Dataset | null; config: RunConfig },
): { start: SampleStart; sources: Uint8Array | null } {
  switch (start.kind) {
    case "noise":
      return { start: { ...start, from: "noise" }, sources: null };
    case "pair": {
      const sources = start.images ?? drawnPair(dataset, seed);
      const images = toModelRange(sources);
      const t = pairTimestep(config.interpolationNoise, numTimestepsOf(config));
      return { start: { from: "pair", images, t }, sources };
    }
    case "image": {
      const { image } = start;
      const t = levelWithin(start, config);
      return { start: { from: "image", image: toModelRange(image), t }, sources: image };
    }
    case "filling": {
      const { image, kind: from, ...how } = start;
      return { start: { from, images: repeatedImage(image, count), ...how }, sources: image };
    }
    case "inversion": {
      const { image, label, kind: from } = start;
      const labels = new Array<number | null>(count).fill(label);
      const t = levelWithin(start, config);
      return { start: { from, images: repeatedImage(image, count), labels, t }, sources: image };
    }
    case "arc": {
      const images = toModelRange(start.images);
      const t = levelWithin(start, config);
      const labels = [null, null];
      return {
        start: { from: "inversion", images, labels, t, isArc: true },
        sources: start.images,
      };
    }
    case "readings": {
      const { flip, label, kind: from } = start;
      return { start: { from, flip, labels: new Array<number>(count).fill(label) }, sources: null };
    }
    default:
      throw start satisfies never;
  }
}

function levelWithin({ t }: { t: number }, config: RunConfig): number {
  return Math.min(Math.max(t, 0), numTimestepsOf(config) - 1);
}

function drawnPair(dataset: Dataset | null, seed: number): Uint8Array {
  if (!dataset) throw new Error("Interpolation needs images: load some first.");
  const { images, labels, count } = unseenImages(dataset);
  if (count < 2) {
    throw new Error(`Interpolation needs two images to go between, got ${count}. Load more.`);
  }
  return pickImages(images, randomPair(seed, labels));
}

/** Images that the network has not seen, where there are any. */
export function unseenImages({ train, validation }: Dataset): LabeledImages {
  return validation.count > 1 ? validation : train;
}

/** The images that the page asked for; those that are not there are left out. */
export function shownImages(
  dataset: Dataset | null,
  wanted: readonly number[],
): Pick<EventOf<"images">, "indices" | "pixels" | "labels"> {
  const all = dataset && unseenImages(dataset);
  const indices = wanted.filter((index) => all && index >= 0 && index < all.count);
  return {
    indices,
    pixels: pickImages(all?.images ?? new Uint8Array(), indices),
    labels: Uint8Array.from(indices, (index) => all?.labels[index] ?? 0),
  };
}
