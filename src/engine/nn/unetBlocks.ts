/**
 * The blocks of the U-Net, in the order of their parameters, which is that in which they run, but for the embeddings of time
 * and label. A new kind of block has its parameters in `layerParameters.ts`, its
 * place here, what it computes in `unet.ts` and `layers.ts`, and in `inferConfig.ts` what tells in a file that it is there. The
 * compiler asks for its name and color in Network, a test for its place in the drawing; `engine/train/memory.ts` counts what
 * it keeps.
 */
import {
  defineAttention,
  defineConv,
  defineLabelEmbedding,
  defineResnetBlock,
  defineTimeEmbedding,
} from "./layerParameters.ts";
import { collectParameters, type Define, type ParameterSpec, scope } from "./parameters.ts";

export interface UnetConfig {
  /** Channels of the first convolution; even, at least 4. */
  dim: number;
  /** Width of each level as a multiple of `dim`, outermost first. */
  dimMults: readonly number[];
  attnHeads: number;
  attnDimHead: number;
  /** Whether the network also sees an estimate of the finished image (Chen et al. 2022). */
  selfCondition: boolean;
  /** Labels that it can be asked for; 0 for a network that is asked for nothing. */
  classes: number;
}

export type BlockKind =
  | "conv"
  | "time"
  | "label"
  | "resnet"
  | "linearAttention"
  | "fullAttention"
  /** Halves the image: pixel-unshuffle, then a 1x1 convolution. */
  | "downsample"
  /** Doubles the image: nearest neighbor, then a 3x3 convolution. */
  | "upsample";

/** A module of the PyTorch library's `Unet`. */
export interface UnetBlock<P = unknown> {
  /** Its name there, which the names of its parameters begin with. */
  name: string;
  kind: BlockKind;
  /** Channels. */
  numIn: number;
  numOut: number;
  /** How many times images are halved at the input and at the output of the block. */
  levelIn: number;
  levelOut: number;
  specs: readonly ParameterSpec[];
  parameters: P;
}

export type UnetBlocks = ReturnType<typeof unetBlocks>;

/** The four blocks of a level, on the way down or up. */
export type UnetLevel = UnetBlocks["downs"][number];

/**
 * The blocks of the U-Net of `denoising_diffusion_pytorch` (Ho et al. 2020, after Ronneberger et al.
 * 2015): names and shapes of the parameters are those of that library's `Unet`, to which a network
 * with classes adds `label_emb` (Dhariwal and Nichol 2021). What is computed
 * with them is in `unet.ts`, which needs TensorFlow.js; this does not.
 */
export function unetBlocks(config: UnetConfig) {
  const { dim, dimMults, attnHeads: heads, attnDimHead: dimHead } = config;
  const innermost = dimMults.length - 1;
  const levels = dimMults.map((mult, level) => ({
    level,
    outer: dim * (dimMults[level - 1] ?? 1),
    inner: dim * mult,
  }));
  const middle = dim * (dimMults[innermost] as number);
  const ofMiddle = { numIn: middle, numOut: middle, level: innermost };
  const numIn = config.selfCondition ? 2 : 1;
  return {
    initConv: conv({ name: "init_conv", numIn, numOut: dim, level: 0, kernelSize: 7 }),
    time: newBlock("time", { name: "time_mlp", numIn: dim, numOut: 4 * dim, level: 0 }, (define) =>
      defineTimeEmbedding(define, dim, 4 * dim),
    ),
    /** Outermost first. */
    downs: levels.map(({ level, outer, inner }) => {
      const name = `downs.${level}`;
      const path = { name: `${name}.3`, numIn: outer, numOut: inner, level };
      return {
        block1: resnet({ name: `${name}.0`, numIn: outer, numOut: outer, level }),
        block2: resnet({ name: `${name}.1`, numIn: outer, numOut: outer, level }),
        attend: attention(`${name}.2`, outer, level),
        resize: level === innermost ? conv({ ...path, kernelSize: 3 }) : downsample(path),
      };
    }),
    midBlock1: resnet({ name: "mid_block1", ...ofMiddle }),
    midAttention: attention("mid_attn", middle, innermost),
    midBlock2: resnet({ name: "mid_block2", ...ofMiddle }),
    /** Innermost first. */
    ups: levels.toReversed().map(({ level, outer, inner }, i) => {
      const name = `ups.${i}`;
      const path = { name: `${name}.3`, numIn: inner, numOut: outer, level };
      return {
        block1: resnet({ name: `${name}.0`, numIn: inner + outer, numOut: inner, level }),
        block2: resnet({ name: `${name}.1`, numIn: inner + outer, numOut: inner, level }),
        attend: attention(`${name}.2`, inner, level),
        resize: level === 0 ? conv({ ...path, kernelSize: 3 }) : upsample(path),
      };
    }),
    finalBlock: resnet({ name: "final_res_block", numIn: 2 * dim, numOut: dim, level: 0 }),
    finalConv: conv({ name: "final_conv", numIn: dim, numOut: 1, level: 0, kernelSize: 1 }),
    /** Last, so that all other parameters are those of a network without classes. */
    label: config.classes > 0 ? labelEmbedding(config.classes) : null,
  };

  function labelEmbedding(classes: number) {
    const path = { name: "label_emb", numIn: classes + 1, numOut: 4 * dim, level: 0 };
    return newBlock("label", path, (define) => defineLabelEmbedding(define, classes, 4 * dim));
  }

  function resnet(path: Path) {
    return newBlock("resnet", path, (define) =>
      defineResnetBlock(define, { ...path, timeDim: 4 * dim }),
    );
  }

  /** Full where the image is smallest. */
  function attention(name: string, channels: number, level: number) {
    const isFull = level === innermost;
    const path = { name, numIn: channels, numOut: channels, level };
    return newBlock(isFull ? "fullAttention" : "linearAttention", path, (define) =>
      defineAttention(define, { channels, heads, dimHead, isFull }),
    );
  }
}

/** All blocks, in the order of their parameters in the network's vector, which is that of `unetBlocks`. */
export function inOrder(blocks: UnetBlocks): UnetBlock[] {
  return Object.values(blocks).flatMap((part): UnetBlock | UnetBlock[] =>
    Array.isArray(part)
      ? part.flatMap(({ block1, block2, attend, resize }) => [block1, block2, attend, resize])
      : (part ?? []),
  );
}

interface Path {
  name: string;
  numIn: number;
  numOut: number;
  level: number;
}

function conv(path: Path & { kernelSize: number }) {
  return newBlock("conv", path, (define) => defineConv(define, path));
}

function downsample(path: Path) {
  const { numIn, numOut } = path;
  const options = { numIn: 4 * numIn, numOut, kernelSize: 1, layout: "unshuffledConv" } as const;
  return newBlock("downsample", path, (define) => defineConv(scope(define, 1), options));
}

function upsample(path: Path) {
  const options = { ...path, kernelSize: 3 };
  return newBlock("upsample", path, (define) => defineConv(scope(define, 1), options));
}

function newBlock<P>(
  kind: BlockKind,
  { name, numIn, numOut, level }: Path,
  defineParameters: (define: Define) => P,
): UnetBlock<P> {
  const specs: ParameterSpec[] = [];
  const parameters = defineParameters(scope(collectParameters(specs), name));
  const levelOut = level + Number(kind === "downsample") - Number(kind === "upsample");
  return { name, kind, numIn, numOut, levelIn: level, levelOut, specs, parameters };
}
