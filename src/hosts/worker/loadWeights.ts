import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import {
  type ReadProgress,
  readSafetensorsHeader,
} from "../../engine/formats/safetensors/safetensorsBlob.ts";
import type { SafetensorsHeader } from "../../engine/formats/safetensors/safetensorsHeader.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { type ImportedWeights, importWeights } from "../../runtime/files/importedWeights.ts";
import { isRunFile } from "../../runtime/files/runFile.ts";
import type { Post } from "../../runtime/run/events.ts";

/**
 * Reads a weights file and tells the page what it holds, or why it cannot be used: then null, as after
 * a file that is a whole run.
 */
export async function loadWeights({
  file,
  settings,
  isTraining,
  importRun,
  post,
}: {
  file: File;
  settings: RunConfig;
  isTraining: boolean;
  importRun: (
    header: SafetensorsHeader,
    onProgress: (progress: ReadProgress) => void,
  ) => Promise<void>;
  post: Post;
}): Promise<ImportedWeights | null> {
  const fileName = file.name;
  const tell = (progress: ReadProgress) => post({ type: "fileProgress", fileName, ...progress });
  try {
    const header = await readSafetensorsHeader(file);
    if (isRunFile(header.metadata)) {
      await importRun(header, tell);
      return null;
    }
    if (isTraining) throw new Error("Stop the run before you load other weights.");
    const imported = await importWeights(file, settings, tell);
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
