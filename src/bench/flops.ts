import { IMAGE_SIZE, type RunConfig } from "../config/hyperparameters.ts";
import { createUnet } from "../nn/unet.ts";

/**
 * Floating-point operations of a forward pass, an image: two for every product of convolutions, fully
 * connected layers and attention. A training step has three times as many, since every product is
 * differentiated by both factors.
 */
export function forwardFlops(config: RunConfig): number {
  const numLevels = config.dimMults.length;
  const { attnHeads: heads, attnDimHead: d } = config;
  let flops = 0;
  for (const { name, shape } of createUnet(config).parameters) {
    const positions = positionsOf(name, numLevels);
    if (shape.length === 4 && name.endsWith("weight")) {
      flops += 2 * positions * shape.reduce((product, size) => product * size, 1);
    }
    // Fully connected: once an image.
    if (shape.length === 2) flops += 2 * (shape[0] as number) * (shape[1] as number);
    if (name.endsWith("mem_kv")) {
      const keys = positions + (shape[2] as number);
      const isFull = name.startsWith("mid") || levelOf(name, numLevels) === numLevels - 1;
      flops += isFull ? 4 * heads * positions * keys * d : 2 * heads * (positions + keys) * d * d;
    }
  }
  return flops;
}

/** Pixels of the images that a parameter is applied to. */
function positionsOf(name: string, numLevels: number): number {
  // Down- and upsampling layers work on the next level's images.
  const isResized = /^(downs|ups)\.\d+\.3\.1\./.test(name);
  const step = name.startsWith("downs") ? 1 : -1;
  const level = levelOf(name, numLevels) + (isResized ? step : 0);
  return (IMAGE_SIZE / 2 ** level) ** 2;
}

function levelOf(name: string, numLevels: number): number {
  const [, part, index] = /^(downs|ups)\.(\d+)\./.exec(name) ?? [];
  if (part === "downs") return Number(index);
  if (part === "ups") return numLevels - 1 - Number(index);
  return name.startsWith("mid") ? numLevels - 1 : 0;
}
