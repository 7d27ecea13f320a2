import type { RunConfig } from "../config/hyperparameters.ts";
import { messageOf } from "../messageOf.ts";
import { type ImportedWeights, importWeights } from "../train/importedWeights.ts";
import type { Post } from "./protocol.ts";
import type { TrainingRun } from "./trainingRun.ts";

/** Reads a weights file and tells the page what it holds, or why it cannot be used: then null. */
export async function loadWeights({
  file,
  settings,
  run,
  post,
}: {
  file: File;
  settings: RunConfig;
  run: TrainingRun | null;
  post: Post;
}): Promise<ImportedWeights | null> {
  const fileName = file.name;
  try {
    if (run && !run.hasEnded) throw new Error("Stop the run before you load other weights.");
    const imported = await importWeights(file, settings);
    const { config, hasSettings, facts, values, ema } = imported;
    post({
      type: "weightsLoaded",
      weights: {
        fileName,
        config,
        hasSettings,
        trainedSteps: facts.trainedSteps,
        hasAverage: ema !== null,
        numParameters: values.length,
      },
    });
    return imported;
  } catch (error) {
    post({ type: "weightsNotLoaded", fileName, message: messageOf(error) });
    return null;
  }
}
