import { FormatError, formatShape, quoted } from "../formats/formatError.ts";
import type { NetworkConfig } from "./networkBlocks.ts";
import type { PerceptronConfig } from "./perceptronBlocks.ts";
import { listed } from "./stateDict.ts";
import { inOrder, type UnetConfig, unetBlocks } from "./unetBlocks.ts";

/** The shapes of tensors by their names in the network's `state_dict`. */
export type Shapes = ReadonlyMap<string, { shape: readonly number[] }>;

/** More levels would need images of over 32,768 pixels a side. */
const MAX_LEVELS = 16;

/** What to add to the message about shapes that a `Unet` can have but ours cannot. */
const SUPPORTED =
  "This page builds the U-Net of denoising_diffusion_pytorch for one channel, with that library's defaults.";

/**
 * Infers a network's settings from the shapes of its tensors in PyTorch's layout. Only the tensors that
 * determine it are looked at; `fromStateDict` checks the others.
 *
 * @throws FormatError when the tensors are not such a network's, naming those that are missing or the
 *   one whose shape does not fit
 */
export function inferNetwork(tensors: Shapes): NetworkConfig {
  return tensors.has(INPUT)
    ? { architecture: "perceptron", ...inferPerceptron(tensors) }
    : { architecture: "unet", ...inferUnet(tensors) };
}

/** Only a perceptron has it. */
const INPUT = "inp.weight";

function inferPerceptron(tensors: Shapes): PerceptronConfig {
  const names = [...tensors.keys()];
  const [width] = shapeOf(tensors, INPUT, [null, 2]);
  const depth = new Set(names.flatMap((name) => /^blocks\.(\d+)\./.exec(name)?.[1] ?? [])).size;
  return { width, depth, classes: classesOf(tensors, width) };
}

function inferUnet(tensors: Shapes): UnetConfig {
  const levelEnds = levelEndsOf(tensors);
  checkNames(tensors, [...KEY_TENSORS, ...levelEnds]);
  const [dim, numInputs] = shapeOf(tensors, "init_conv.weight", [null, null, 7, 7]);
  if (dim < 4 || dim % 2 !== 0) {
    throw new FormatError(
      `"init_conv.weight": expected an even number of channels, at least 4, got ${dim}.`,
    );
  }
  if (numInputs !== 1 && numInputs !== 2) {
    throw new FormatError(
      `"init_conv.weight": expected 1 input channel, or 2 with self_condition=True, got ${numInputs}. ${SUPPORTED}`,
    );
  }
  // Also distinguishes self-conditioning from images of two channels, and init_dim from dim.
  shapeOf(tensors, "final_conv.weight", [1, dim, 1, 1]);
  shapeOf(tensors, "time_mlp.1.weight", [4 * dim, dim]);
  let width = dim;
  const dimMults = levelEnds.map((name, level) => {
    const isInnermost = level === levelEnds.length - 1;
    const kernel = isInnermost ? [null, width, 3, 3] : [null, 4 * width, 1, 1];
    [width = 0] = shapeOf(tensors, name, kernel);
    if (width > 0 && width % dim === 0) return width / dim;
    throw new FormatError(
      `Level ${level} of the network is ${width} channels wide, expected a multiple of its first width ${dim}. ${SUPPORTED}`,
    );
  });
  const selfCondition = numInputs === 2;
  const classes = classesOf(tensors, 4 * dim);
  return { dim, dimMults, ...attentionSizes(tensors), selfCondition, classes };
}

/** @param width of the embedding of labels */
function classesOf(tensors: Shapes, width: number): number {
  const classes = tensors.has(LABELS) ? shapeOf(tensors, LABELS, [null, width])[0] - 1 : 0;
  if (classes < 0) throw new FormatError(`"${LABELS}": expected at least one row, got none.`);
  return classes;
}

/** The tensors that determine the configuration, besides one of each level. */
const KEY_TENSORS = [
  "init_conv.weight",
  "time_mlp.1.weight",
  "mid_attn.mem_kv",
  "mid_attn.to_qkv.weight",
  "final_conv.weight",
];

/** Only a network with classes has it. */
const LABELS = "label_emb.weight";

/** The convolution at the end of each level; the innermost has no pixel-unshuffle before it. */
function levelEndsOf(tensors: Shapes): string[] {
  const names = [...tensors.keys()];
  const levels = names.flatMap((name) => /^(?:downs|ups)\.(\d+)\./.exec(name)?.[1] ?? []);
  const numLevels = Math.max(1, new Set(levels).size);
  if (numLevels > MAX_LEVELS) {
    throw new FormatError(
      `Expected a U-Net of at most ${MAX_LEVELS} levels, got ${numLevels}. ${SUPPORTED}`,
    );
  }
  return Array.from({ length: numLevels }, (_, level) =>
    level === numLevels - 1 ? `downs.${level}.3.weight` : `downs.${level}.3.1.weight`,
  );
}

/** Throws if a tensor that determines the configuration is missing, and names all that are missing. */
function checkNames(tensors: Shapes, keyTensors: readonly string[]): void {
  if (keyTensors.every((name) => tensors.has(name))) return;
  // The names are those of every network with so many levels.
  const dimMults = Array<number>(keyTensors.length - KEY_TENSORS.length).fill(1);
  const unet = { dim: 4, dimMults, attnHeads: 1, attnDimHead: 1, selfCondition: false, classes: 0 };
  const names = inOrder(unetBlocks(unet)).flatMap(({ specs }) => specs.map(({ name }) => name));
  const missing = [...new Set([...keyTensors, ...names])].filter((name) => !tensors.has(name));
  const numFound = names.length - missing.length;
  if (numFound > 0) {
    throw new FormatError(
      `Expected the ${names.length} tensors of a U-Net, got ${numFound} of them. Missing: ${listed(missing.map(quoted))}. ${SUPPORTED}`,
    );
  }
  const [some] = tensors.keys();
  const got = some === undefined ? "no tensor at all" : `others, such as ${quoted(some)}`;
  throw new FormatError(
    `Expected the tensors of a U-Net, such as ${quoted(KEY_TENSORS[0] as string)}, got ${got}. ${SUPPORTED}`,
  );
}

/** From the middle's memory `[2, heads, M, dimHead]`; queries, keys and values have their product. */
function attentionSizes(tensors: Shapes): Pick<UnetConfig, "attnHeads" | "attnDimHead"> {
  const [, attnHeads, , attnDimHead] = shapeOf(tensors, "mid_attn.mem_kv", [2, null, 4, null]);
  if (attnHeads < 1 || attnDimHead < 1) {
    throw new FormatError(
      `"mid_attn.mem_kv": expected at least one head of at least one value, got ${attnHeads} of ${attnDimHead}.`,
    );
  }
  shapeOf(tensors, "mid_attn.to_qkv.weight", [3 * attnHeads * attnDimHead, null, 1, 1]);
  return { attnHeads, attnDimHead };
}

/** The shape of an existing tensor; null stands for any size. */
function shapeOf<const S extends readonly (number | null)[]>(
  tensors: Shapes,
  name: string,
  expected: S,
): { readonly [Axis in keyof S]: number } {
  const { shape } = tensors.get(name) as { shape: readonly number[] };
  const fits =
    shape.length === expected.length &&
    expected.every((size, axis) => size === null || size === shape[axis]);
  if (fits) return shape as unknown as { readonly [Axis in keyof S]: number };
  const wanted = expected.map((size) => size ?? "any").join(", ");
  throw new FormatError(
    `${quoted(name)}: expected the shape [${wanted}], got ${formatShape(shape)}. ${SUPPORTED}`,
  );
}
