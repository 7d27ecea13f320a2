import { type Tensor4D, zerosLike } from "@tensorflow/tfjs-core";
import { silu } from "../ops/elementwise.ts";
import { timeEmbedding } from "./embedding.ts";
import type { ConvParameters } from "./layerParameters.ts";
import {
  attentionLayer,
  convLayer,
  downsampleLayer,
  type ImageLayer,
  upsampleLayer,
} from "./layers.ts";
import type { ParameterSpec, Parameters } from "./parameters.ts";
import { type DropoutMask, resnetBlock } from "./resnetBlock.ts";
import {
  inOrder,
  type UnetBlock,
  type UnetConfig,
  type UnetLevel,
  unetBlocks,
} from "./unetBlocks.ts";

interface UnetInputs {
  /** `[B, H, W, 1]`, H and W divisible by 2^(levels - 1). */
  x: Tensor4D;
  /** Integers in [0, T), `[B]`. */
  timesteps: ArrayLike<number>;
  /** The estimate of the finished image, `[B, H, W, 1]`; zeros when null. Only for self-conditioning. */
  x0Before?: Tensor4D | null;
  dropout?: DropoutMask | undefined;
}

export interface Unet {
  parameters: readonly ParameterSpec[];
  /** @returns `[B, H, W, 1]` */
  forward(p: Parameters, inputs: UnetInputs): Tensor4D;
}

/** The U-Net that `unetBlocks` describes, ready to run. */
export function createUnet(config: UnetConfig): Unet {
  const blocks = unetBlocks(config);
  const initConv = convLayer(blocks.initConv.parameters);
  const time = timeEmbedding(blocks.time.parameters);
  const downs = blocks.downs.map(levelLayers);
  const midBlock1 = resnetBlock(blocks.midBlock1.parameters);
  const midAttention = attentionLayer(blocks.midAttention.parameters);
  const midBlock2 = resnetBlock(blocks.midBlock2.parameters);
  const ups = blocks.ups.map(levelLayers);
  const finalBlock = resnetBlock(blocks.finalBlock.parameters);
  const finalConv = convLayer(blocks.finalConv.parameters);

  return {
    parameters: inOrder(blocks).flatMap(({ specs }) => specs),
    forward(p, { x: image, timesteps, x0Before, dropout }) {
      const t = { activatedTime: silu(time(p, timesteps)), dropout };
      const first = initConv(
        p,
        config.selfCondition ? [x0Before ?? zerosLike(image), image] : image,
      );
      const skips: Tensor4D[] = [];
      const skip = () => skips.pop() as Tensor4D;

      let x = first;
      for (const { block1, block2, attend, resize } of downs) {
        x = block1(p, [x], t);
        skips.push(x);
        x = attend(p, block2(p, [x], t));
        skips.push(x);
        x = resize(p, x);
      }
      x = midBlock2(p, [midAttention(p, midBlock1(p, [x], t))], t);
      for (const { block1, block2, attend, resize } of ups) {
        x = block1(p, [x, skip()], t);
        x = block2(p, [x, skip()], t);
        x = resize(p, attend(p, x));
      }
      return finalConv(p, finalBlock(p, [x, first], t));
    },
  };
}

function levelLayers({ block1, block2, attend, resize }: UnetLevel) {
  return {
    block1: resnetBlock(block1.parameters),
    block2: resnetBlock(block2.parameters),
    attend: attentionLayer(attend.parameters),
    resize: resizeLayer(resize),
  };
}

function resizeLayer({ kind, parameters }: UnetBlock<ConvParameters>): ImageLayer {
  if (kind === "downsample") return downsampleLayer(parameters);
  return kind === "upsample" ? upsampleLayer(parameters) : convLayer(parameters);
}
