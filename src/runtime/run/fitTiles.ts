import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_SIZE } from "../../engine/config/hyperparameters.ts";
import { convShapes } from "../../engine/nn/multiplyAdds.ts";
import type { UnetConfig } from "../../engine/nn/unetBlocks.ts";
import type { CompileProgress } from "../../engine/ops/webgpu/compilePrograms.ts";
import { candidateCode, fastestTiles, UNTRIED } from "../../engine/ops/webgpu/conv/tileTrials.ts";
import {
  type AdapterTiles,
  adapterName,
  adapterTilesFrom,
  CARD,
  forceTuning,
  isSoftware,
} from "../../engine/ops/webgpu/tuning.ts";
import { checksumOf } from "../storage/checkpoints.ts";
import { keepTiles, readTiles } from "../storage/keptTiles.ts";

/** For the trials of all shapes of a network, without compiling. */
const BUDGET_MS = 2000;

/** Trials that were begun and did not end: the device was lost, or the page was closed meanwhile. */
const MAX_UNFINISHED = 3;

export interface TilesRequest {
  config: UnetConfig;
  /** Of a pass. */
  numImages: number;
  /** Of the run's checkpoint. */
  ofRun?: AdapterTiles | null | undefined;
  /** Whether only what is kept is asked for. */
  isQuick?: boolean;
  onProgress: (progress: CompileProgress) => void;
}

/**
 * Has the convolutions computed in the tiles that are fastest on this graphics card. These are tried once, the
 * first time that a network is trained on it in passes of so many images, and then kept, by adapter, browser and code
 * of the kernels. A run that was begun on such an adapter goes on in its own.
 *
 * @returns null where tiles are not chosen so: without WebGPU, and where it computes on the processor
 */
export async function fitTiles({
  config,
  numImages,
  ofRun,
  isQuick = false,
  onProgress,
}: TilesRequest): Promise<AdapterTiles | null> {
  if (tf.getBackend() !== "webgpu") return null;
  const backend = tf.backend() as WebGPUBackend;
  const { device } = backend;
  // Not every browser that has WebGPU has this.
  const info: GPUAdapterInfo | undefined = device.adapterInfo;
  if (!info || isSoftware(info)) return null;
  const adapter = adapterName(info);
  if (ofRun?.adapter === adapter) return used(ofRun);
  const shapes = convShapes(config, IMAGE_SIZE);
  const onAdapter = `${adapter}, ${checksum(candidateCode())}`;
  const key = `${onAdapter}, ${checksum(JSON.stringify({ shapes, numImages }))}`;
  const unfinishedKey = `${onAdapter}, unfinished`;
  const kept = adapterTilesFrom(await readTiles(key))?.tiles;
  const numUnfinished = Number((await readTiles(unfinishedKey)) ?? 0);
  let tiles = kept ?? UNTRIED;
  if (kept || isQuick || numUnfinished >= MAX_UNFINISHED) return used({ adapter, tiles });
  try {
    tiles = await fastestTiles(backend, {
      shapes,
      numImages,
      budgetMs: BUDGET_MS,
      onBegin: () => keepTiles(unfinishedKey, numUnfinished + 1),
      // The network's programs follow.
      onProgress: ({ numCompiled, numPrograms }) =>
        onProgress({ numCompiled, numPrograms: numPrograms + 1 }),
    });
    if (tiles !== UNTRIED) {
      await keepTiles(key, { adapter, tiles });
      await keepTiles(unfinishedKey, 0);
    }
  } catch {
    // Such as a candidate that this device's compiler refuses.
  }
  return used({ adapter, tiles });

  function used(chosen: AdapterTiles): AdapterTiles {
    forceTuning(device, { ...CARD, ...chosen.tiles });
    return chosen;
  }
}

function checksum(text: string): number {
  return checksumOf(new TextEncoder().encode(text));
}
