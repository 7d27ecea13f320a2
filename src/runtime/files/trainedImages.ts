/** Which images or points a run is trained on, and with which labels: it goes on with no others. */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import type { ImageValues, LabeledSamples, NamedTrainingData } from "../../engine/data/dataset.ts";
import { identityIn } from "../../engine/data/datasets.ts";
import { formatCount } from "../format.ts";
import { checksumAfter, checksumOf } from "../storage/checkpoints.ts";
import type { RunRecord, StoredDataset } from "../storage/records.ts";

/** Checksums of the pixels alone are kept: those of 55 MB take a tenth of a second or more, for each run of a sweep. */
const pixelChecksums = new WeakMap<LabeledSamples, number>();

/** Labels count only where the network learns them. */
export function described(
  dataset: NamedTrainingData,
  { classes }: Pick<RunConfig, "classes">,
): StoredDataset {
  const { train, validation } = dataset;
  const parts = [train, validation];
  const pixels =
    pixelChecksums.get(train) ?? checksumOf(...parts.map(({ images }) => bytesOf(images)));
  pixelChecksums.set(train, pixels);
  const labels = classes > 0 ? parts.map((part) => part.labels) : [];
  return {
    ...identityIn(dataset),
    numTrain: train.count,
    numValidation: validation.count,
    checksum: checksumAfter(pixels, labels),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: ImageValues): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @throws Error when a run would go on with other images or labels than it began with */
export function checkDataset(
  { dataset: expected, config }: Pick<RunRecord, "dataset" | "config">,
  dataset: NamedTrainingData,
): void {
  const got = described(dataset, config);
  if (expected.checksum === got.checksum && expected.numTrain === got.numTrain) return;
  const text = ({ name, numTrain, numValidation }: StoredDataset) =>
    `“${name}” with ${formatCount(numTrain)} images and ${formatCount(numValidation)} to validate`;
  throw new Error(
    `The run was trained on ${text(expected)}, got ${text(got)}${expected.name === got.name ? ", of other content" : ""}. Load the images it was trained on, then resume it.`,
  );
}
