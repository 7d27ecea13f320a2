import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { FormatError, quoted } from "../../engine/formats/formatError.ts";
import { parsedObject } from "../../engine/formats/parsedJson.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
} from "../../engine/formats/safetensors/safetensors.ts";
import {
  type Checkpoint,
  type CheckpointPosition,
  checkpointFrom,
  checkpointTensors,
  positionOf,
} from "../../engine/train/checkpoint.ts";
import { isCount } from "../storage/historyChecks.ts";

/** A checkpoint as a safetensors file; position and configuration stand in the metadata, as JSON. */
export function encodeCheckpoint(
  config: RunConfig,
  checkpoint: Checkpoint,
): Uint8Array<ArrayBuffer> {
  return encodeSafetensors({
    tensors: checkpointTensors(config, checkpoint),
    metadata: {
      format: "pt",
      config: JSON.stringify(config),
      position: JSON.stringify(positionOf(checkpoint)),
    },
  });
}

/**
 * @param config of the run: the network is its
 * @throws FormatError, and nothing else, for whatever is wrong with the bytes
 */
export function decodeCheckpoint(config: RunConfig, bytes: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  return checkpointFrom(config, parsePosition(metadata.position), tensors);
}

/** @throws FormatError when the text is not a position's JSON */
function parsePosition(text: string | undefined): CheckpointPosition {
  const { step, numEpochs, lossSum } = parsedObject(text ?? "");
  if (isCount(step) && isCount(numEpochs) && Number.isFinite(lossSum)) {
    return { step, numEpochs, lossSum: lossSum as number };
  }
  throw new FormatError(
    `Expected a checkpoint's position (step, numEpochs, lossSum) in the metadata, got ${text === undefined ? "none" : quoted(text)}. The file is damaged: take another.`,
  );
}
