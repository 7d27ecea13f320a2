import { type Tensor4D, zerosLike } from "@tensorflow/tfjs-core";
import { silu } from "../ops/elementwise.ts";
import { type AttentionOptions, attentionLayer, linearAttentionLayer } from "./attention.ts";
import { timeEmbedding } from "./embedding.ts";
import { convLayer, downsampleLayer, type ImageLayer, upsampleLayer } from "./layers.ts";
import {
  collectParameters,
  type Define,
  type ParameterSpec,
  type Parameters,
  scope,
} from "./parameters.ts";
import { type DropoutMask, resnetBlock } from "./resnetBlock.ts";

export interface UnetConfig {
  /** Channels of the first convolution; even, at least 4. */
  dim: number;
  /** Width of each level as a multiple of `dim`, outermost first. */
  dimMults: readonly number[];
  attnHeads: number;
  attnDimHead: number;
  /** Whether the network also sees an estimate of the finished image (Chen et al. 2022). */
  selfCondition: boolean;
}

export interface UnetInputs {
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

/**
 * The U-Net of `denoising_diffusion_pytorch` (Ho et al. 2020, after Ronneberger et al. 2015): names
 * and shapes of the parameters are those of that library's `Unet`.
 */
export function createUnet(config: UnetConfig): Unet {
  const parameters: ParameterSpec[] = [];
  const define = collectParameters(parameters);
  const { dim, dimMults } = config;
  const widths = [dim, ...dimMults.map((mult) => mult * dim)];
  const levels = dimMults.map((_, i) => ({
    index: i,
    outer: widths[i] as number,
    inner: widths[i + 1] as number,
    isInnermost: i === dimMults.length - 1,
  }));
  const middle = widths[widths.length - 1] as number;
  const timeDim = 4 * dim;

  const initConv = convLayer(scope(define, "init_conv"), {
    numIn: config.selfCondition ? 2 : 1,
    numOut: dim,
    kernelSize: 7,
  });
  const time = timeEmbedding(scope(define, "time_mlp"), dim);
  const downs = levels.map((level) => downLevel(scope(define, `downs.${level.index}`), level));
  const midBlock1 = resnet("mid_block1", middle, middle);
  const midAttention = attention(scope(define, "mid_attn"), middle, true);
  const midBlock2 = resnet("mid_block2", middle, middle);
  const ups = levels.toReversed().map((level, i) => upLevel(scope(define, `ups.${i}`), level));
  const finalBlock = resnet("final_res_block", 2 * dim, dim);
  const finalConv = convLayer(scope(define, "final_conv"), {
    numIn: dim,
    numOut: 1,
    kernelSize: 1,
  });

  return {
    parameters,
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

  type Level = (typeof levels)[number];

  function resnet(name: string | number, numIn: number, numOut: number, parent = define) {
    return resnetBlock(scope(parent, name), { numIn, numOut, timeDim });
  }

  /** Full where the image is smallest. */
  function attention(parent: Define, channels: number, isFull: boolean): ImageLayer {
    const { attnHeads: heads, attnDimHead: dimHead } = config;
    const options: AttentionOptions = { channels, heads, dimHead };
    return (isFull ? attentionLayer : linearAttentionLayer)(parent, options);
  }

  function downLevel(parent: Define, { outer, inner, isInnermost }: Level) {
    return {
      block1: resnet(0, outer, outer, parent),
      block2: resnet(1, outer, outer, parent),
      attend: attention(scope(parent, 2), outer, isInnermost),
      resize: isInnermost
        ? convLayer(scope(parent, 3), { numIn: outer, numOut: inner, kernelSize: 3 })
        : downsampleLayer(scope(parent, 3), outer, inner),
    };
  }

  function upLevel(parent: Define, { index, outer, inner, isInnermost }: Level) {
    return {
      block1: resnet(0, inner + outer, inner, parent),
      block2: resnet(1, inner + outer, inner, parent),
      attend: attention(scope(parent, 2), inner, isInnermost),
      resize:
        index === 0
          ? convLayer(scope(parent, 3), { numIn: inner, numOut: outer, kernelSize: 3 })
          : upsampleLayer(scope(parent, 3), inner, outer),
    };
  }
}
