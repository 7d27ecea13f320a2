import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import type { NamedTrainingData } from "../../engine/data/dataset.ts";
import { pointData } from "../../engine/data/points.ts";
import { takesPoints } from "../../engine/nn/architectures.ts";

/** What a run is trained on: points, which follow from its settings, or the images that are loaded, null where there are none. */
export function trainingDataOf<Images extends NamedTrainingData | null>(
  config: RunConfig,
  images: Images,
): NamedTrainingData | Images {
  return takesPoints(config) ? pointData(config) : images;
}
