import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import { defaultConfig } from "../../../engine/config/hyperparameters.ts";
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
import { CommandError, existingFile } from "../options.ts";
import { gapsWarning } from "./runStart.ts";

/**
 * The network of a weights file, or of a run at its newest checkpoint, that of the best epoch where it
 * stopped early; to be sampled with the eta of its settings. `contents` is all of the run, null of a
 * weights file.
 *
 * @throws CommandError or FormatError
 */
export async function readNetwork(
  typedPath: string | undefined,
): Promise<Network & { contents: WholeRun | null }> {
  if (!typedPath) throw new CommandError("Expected --weights FILE, a run or a weights file.");
  const { path, file, header, isRun } = await openWeights(typedPath);
  if (!isRun) {
    const imported = await importWeights(file, defaultConfig());
    return { ...networkOfFile(imported, imported.config), contents: null };
  }
  const contents = decodeRunFile(await readSafetensorsData(file, header), newRunId(), () => {});
  const warning = gapsWarning(path, contents.gaps);
  if (warning !== null) process.stderr.write(`${warning}\n`);
  return { ...networkOfStored(networkIn(contents), contents.record.config), contents };
}

/**
 * The weights of a file for a new run to begin with, of a run those that are sampled; what a weights file does
 * not say of the settings is that of the page's first preset.
 *
 * @throws CommandError or FormatError
 */
export async function readStartWeights(typedPath: string): Promise<ImportedWeights> {
  const { file, header, isRun } = await openWeights(typedPath);
  if (!isRun) return importWeights(file, presetConfig(DEFAULT_PRESET));
  const contents = decodeRunFile(await readSafetensorsData(file, header), newRunId(), () => {});
  return weightsOfStored(networkIn(contents), file.name);
}

/** @throws CommandError or FormatError */
async function openWeights(typedPath: string) {
  const path = existingFile("weights", typedPath);
  const file = Object.assign(await openAsBlob(path), { name: basename(path) });
  const header = await readSafetensorsHeader(file);
  return { path, file, header, isRun: isRunFile(header.metadata) };
}
