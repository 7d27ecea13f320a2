/** Which images a run is trained on: it goes on with no others. */
import type { NamedDataset } from "../../engine/data/dataset.ts";
import { formatCount } from "../format.ts";
import { checksumOf } from "../storage/checkpoints.ts";
import type { StoredDataset } from "../storage/records.ts";

export function described({ id, name, train, validation }: NamedDataset): StoredDataset {
  return {
    id,
    name,
    numTrain: train.count,
    numValidation: validation.count,
    checksum: checksumOf(train.images, validation.images),
  };
}

/** @throws Error when a run would go on with other images than it began with */
export function checkDataset(expected: StoredDataset, got: StoredDataset): void {
  if (expected.checksum === got.checksum && expected.numTrain === got.numTrain) return;
  const text = ({ name, numTrain, numValidation }: StoredDataset) =>
    `“${name}” with ${formatCount(numTrain)} images and ${formatCount(numValidation)} to validate`;
  throw new Error(
    `The run was trained on ${text(expected)}, got ${text(got)}${expected.name === got.name ? ", of other content" : ""}. Load the images it was trained on, then resume it.`,
  );
}
