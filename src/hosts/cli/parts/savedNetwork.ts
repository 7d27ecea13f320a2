import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import { defaultConfig, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import { DEFAULT_PRESET, presetConfig } from "../../../engine/config/presets.ts";
import {
  readSafetensorsData,
  readSafetensorsHeader,
} from "../../../engine/formats/safetensors/safetensorsBlob.ts";
import { type ImportedWeights, importWeights } from "../../../runtime/files/importedWeights.ts";
import { decodeRunFile, isRunFile } from "../../../runtime/files/runFile.ts";
import {
  type Network,
  networkOfFile,
  networkOfStored,
  weightsOfStored,
} from "../../../runtime/run/network.ts";
import { networkIn } from "../../../runtime/run/storedRun.ts";
import { newRunId } from "../../../runtime/runName.ts";
import type { WholeRun } from "../../../runtime/storage/records.ts";
import { CommandError, existingFile, ofFile } from "../options.ts";
import { gapsWarning } from "./runStart.ts";

/**
 * The network of a weights file, or of a run at its newest checkpoint, that of the best epoch where it
 * stopped early; to be sampled with the eta of its settings. `contents` is all of the run, null of a
 * weights file.
 *
 * @throws CommandError
 */
export async function readNetwork(
  typedPath: string | undefined,
): Promise<Network & { contents: WholeRun | null }> {
  if (!typedPath) throw new CommandError("Expected --weights FILE, a run or a weights file.");
  const path = existingFile("weights", typedPath);
  const read = await readWeights(path, defaultConfig());
  if ("values" in read) return { ...networkOfFile(read, read.config), contents: null };
  const contents = read;
  const warning = gapsWarning(path, contents.gaps);
  if (warning !== null) process.stderr.write(`${warning}\n`);
  return { ...networkOfStored(networkIn(contents), contents.record.config), contents };
}

/**
 * A run, or a weights file with `settings` for those that it lacks.
 *
 * @throws CommandError for a file that is neither
 */
async function readWeights(path: string, settings: RunConfig) {
  try {
    const file = Object.assign(await openAsBlob(path), { name: basename(path) });
    const header = await readSafetensorsHeader(file);
    if (!isRunFile(header.metadata)) return await importWeights(file, settings);
    return decodeRunFile(await readSafetensorsData(file, header), newRunId(), () => {});
  } catch (error) {
    throw ofFile(path, error);
  }
}

/**
 * The weights of a file for a new run to begin with, of a run those that are sampled; what a weights file does
 * not say of the settings is that of the page's first preset.
 *
 * @throws CommandError
 */
export async function readStartWeights(typedPath: string): Promise<ImportedWeights> {
  const path = existingFile("weights", typedPath);
  const read = await readWeights(path, presetConfig(DEFAULT_PRESET));
  return "values" in read ? read : weightsOfStored(networkIn(read), basename(path));
}
