/**
 * Draws points of the plane beside a page, as `digits.ts` draws digits: with WebAssembly, and `tensors.ts` in place of
 * TensorFlow.js.
 */
import * as tf from "@tensorflow/tfjs-core";
import { defaultConfig } from "../../engine/config/hyperparameters.ts";
import { samplerOf } from "../../engine/config/sampling.ts";
import { planeGrid } from "../../engine/data/plane.ts";
import type { NoiseLevel } from "../../engine/diffusion/pointField.ts";
import { FormatError } from "../../engine/formats/formatError.ts";
import { takesPoints } from "../../engine/nn/architectures.ts";
import { createPerceptron } from "../../engine/nn/perceptron.ts";
import { pointFlow } from "../../engine/quality/drawPoints.ts";
import { scheduleOf } from "../../engine/train/gradient.ts";
import { importWeights } from "../../runtime/files/importedWeights.ts";
import { nextMacrotask } from "../../runtime/threads/macrotask.ts";
import { startKernels } from "./kernels.ts";

export interface PointDrawing {
  count: number;
  seed: number;
  /** Denoising steps, 1 to those of the network's diffusion. */
  steps: number;
  /** Places along each side of the grid at which the field is asked for. */
  gridSize: number;
}

/** How points flow from noise to data, and the field that they flow along. */
export interface PointsDrawn {
  /** The factors of point and noise at each frame, from noise to data. */
  levels: NoiseLevel[];
  /** The points at each frame, `[count, 2]`. */
  frames: Float32Array<ArrayBuffer>[];
  /** The x_0 predicted at the grid at each frame, `[gridSize², 2]`; null at the last. */
  starts: (Float32Array<ArrayBuffer> | null)[];
}

/** A network that draws points. */
export interface PointNetwork {
  /** @param drawing.onStep called after each step; what it throws ends the drawing */
  draw(drawing: PointDrawing & { onStep?: () => void }): Promise<PointsDrawn>;
}

/**
 * Loads a network of points.
 *
 * @param weights a safetensors file that this project exported
 * @throws FormatError when it is no such file, or its network is of digits; Error where the browser has no WebAssembly SIMD
 */
export async function loadPoints(weights: BlobPart): Promise<PointNetwork> {
  await startKernels();
  const file = new File([weights], "weights.safetensors");
  const { config, values, ema } = await importWeights(file, defaultConfig());
  if (!takesPoints(config)) {
    throw new FormatError("Expected a network of points, got one of digits.");
  }
  const denoiser = {
    network: createPerceptron(config),
    values: tf.tensor1d(ema ?? values),
    schedule: scheduleOf(config),
  };
  return {
    async draw({ count, seed, steps, gridSize, onStep }) {
      const flow = pointFlow({
        denoiser,
        sampler: samplerOf(steps, config),
        seed,
        count,
        label: null,
        guidance: 1,
        places: planeGrid(gridSize),
        fieldAt: "all",
      });
      try {
        for (;;) {
          const { done, value } = await flow.next();
          if (done) return value;
          onStep?.();
          await nextMacrotask();
        }
      } finally {
        // Frees what it holds also where `onStep` threw.
        await flow.return({ levels: [], frames: [], starts: [] });
      }
    },
  };
}
