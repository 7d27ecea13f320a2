import { type Tensor2D, type Tensor4D, zerosLike } from "@tensorflow/tfjs-core";
import type { Resample } from "../ops/kernel.ts";
import { inPrecision, type Precision } from "../ops/precision.ts";
import { ARCHITECTURES } from "./architectures.ts";
import { timeEmbedding, withLabels } from "./embedding.ts";
import type { ConvParameters } from "./layerParameters.ts";
import { attentionLayer, convLayer, linearLayersOf, resampledConvLayer } from "./layers.ts";
import type { NeuralNetwork } from "./network.ts";
import { resnetBlock } from "./resnetBlock.ts";
import {
  type BlockKind,
  inOrder,
  type UnetBlock,
  type UnetConfig,
  type UnetLevel,
  unetBlocks,
} from "./unetBlocks.ts";

type ResnetBlock = UnetLevel["block1"];

/** The U-Net that `unetBlocks` describes, ready to run. */
export function createUnet(config: UnetConfig & { precision?: Precision }): NeuralNetwork {
  const blocks = unetBlocks(config);
  const toFilms = inOrder(blocks)
    .filter((block): block is ResnetBlock => block.kind === "resnet")
    .map(({ parameters }) => parameters.toFilm);
  const { precision = "float32" } = config;
  const forward: NeuralNetwork["forward"] = (
    p,
    { x: image, timesteps, x0Before, dropout, ...others },
  ) => {
    const { labels: rows = null, onBlock } = others;
    const time = timeEmbedding(p, blocks.time.parameters, timesteps);
    const condition = blocks.label ? withLabels(p, blocks.label.parameters, { time, rows }) : time;
    const films = linearLayersOf(p, toFilms, condition, "silu");
    const seen = (block: UnetBlock, output: Tensor4D) => {
      onBlock?.(block, output);
      return output;
    };
    const resnet = (block: ResnetBlock, ...inputs: [Tensor4D, ...Tensor4D[]]) => {
      const film = films[toFilms.indexOf(block.parameters.toFilm)] as Tensor2D;
      return seen(block, resnetBlock(p, block.parameters, inputs, { film, dropout }));
    };
    const conv = (block: UnetBlock<ConvParameters>, input: Tensor4D | readonly Tensor4D[]) =>
      seen(block, convLayer(p, block.parameters, input));
    const attention = (block: UnetLevel["attend"], input: Tensor4D) =>
      seen(block, attentionLayer(p, block.parameters, input));
    const resized = (block: UnetLevel["resize"], input: Tensor4D) => {
      const resample = RESAMPLED[block.kind];
      if (!resample) return conv(block, input);
      return seen(block, resampledConvLayer(p, block.parameters, input, resample));
    };
    const skips: Tensor4D[] = [];
    const skip = () => skips.pop() as Tensor4D;

    const inputs = config.selfCondition ? [x0Before ?? zerosLike(image), image] : image;
    const first = conv(blocks.initConv, inputs);
    let x = first;
    for (const { block1, block2, attend, resize } of blocks.downs) {
      x = resnet(block1, x);
      skips.push(x);
      x = attention(attend, resnet(block2, x));
      skips.push(x);
      x = resized(resize, x);
    }
    x = resnet(blocks.midBlock1, x);
    x = resnet(blocks.midBlock2, attention(blocks.midAttention, x));
    for (const { block1, block2, attend, resize } of blocks.ups) {
      x = resnet(block1, x, skip());
      x = resnet(block2, x, skip());
      x = resized(resize, attention(attend, x));
    }
    return conv(blocks.finalConv, resnet(blocks.finalBlock, x, first));
  };
  return {
    parameters: inOrder(blocks).flatMap(({ specs }) => specs),
    classes: config.classes,
    shape: ARCHITECTURES.unet.shape,
    forward: (p, inputs) => inPrecision(precision, () => forward(p, inputs)),
  };
}

const RESAMPLED: Partial<Record<BlockKind, Resample>> = {
  downsample: "unshuffle",
  upsample: "upsample",
};
