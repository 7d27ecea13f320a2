import { FormatError, quoted, shapeText } from "../formats/formatError.ts";
import { listed } from "./stateDict.ts";
import { createUnet } from "./unet.ts";
import type { UnetConfig } from "./unetBlocks.ts";

/** The shapes of tensors by their names in the network's `state_dict`. */
export type Shapes = ReadonlyMap<string, { shape: readonly number[] }>;

/** More levels would need images of over 32,768 pixels a side. */
const MAX_LEVELS = 16;

/** What to add to the message about shapes that a `Unet` can have but ours cannot. */
const SUPPORTED =
  "This page builds the U-Net of denoising_diffusion_pytorch for one channel, with that library's defaults.";

/**
 * Infers a U-Net's configuration from the shapes of its tensors in PyTorch's layout. Only the tensors that
 * determine it are looked at; `fromStateDict` checks the others.
 *
 * @throws FormatError when the tensors are not such a network's, naming those that are missing or the
 *   one whose shape does not fit
 */
export function inferUnetConfig(tensors: Shapes): UnetConfig {
  checkNames(tensors);
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
  return {
    dim,
    dimMults: levelWidths(tensors, dim).map((width, level) => {
      if (width > 0 && width % dim === 0) return width / dim;
      throw new FormatError(
        `Level ${level} of the network is ${width} channels wide, expected a multiple of its first width ${dim}. ${SUPPORTED}`,
      );
    }),
    ...attentionSizes(tensors),
    selfCondition: numInputs === 2,
  };
}

/** The tensors that determine the configuration, besides one of each level. */
const TELLING = [
  "init_conv.weight",
  "time_mlp.1.weight",
  "mid_attn.mem_kv",
  "mid_attn.to_qkv.weight",
  "final_conv.weight",
];
/** The convolution that ends the innermost level, and the one that ends each of the others. */
const innermostName = (level: number) => `downs.${level}.3.weight`;
const outerName = (level: number) => `downs.${level}.3.1.weight`;

/** Throws if a tensor that determines the configuration is missing, and names all that are missing. */
function checkNames(tensors: Shapes): void {
  const { numLevels, missing } = levelNames(tensors);
  if (numLevels > MAX_LEVELS) {
    throw new FormatError(
      `Expected a U-Net of at most ${MAX_LEVELS} levels, got ${numLevels}. ${SUPPORTED}`,
    );
  }
  for (const name of TELLING) if (!tensors.has(name)) missing.set(name, quoted(name));
  if (missing.size === 0) return;
  // The names are those of every network with so many levels.
  const dimMults = Array<number>(numLevels).fill(1);
  const config = { dim: 4, dimMults, attnHeads: 1, attnDimHead: 1, selfCondition: false };
  const { parameters } = createUnet(config);
  for (const { name } of parameters)
    if (!tensors.has(name) && !missing.has(name)) missing.set(name, quoted(name));
  const numFound = parameters.filter(({ name }) => tensors.has(name)).length;
  if (numFound > 0) {
    throw new FormatError(
      `Expected the ${parameters.length} tensors of a U-Net, got ${numFound} of them. Missing: ${listed([...missing.values()])}. ${SUPPORTED}`,
    );
  }
  const [some] = tensors.keys();
  const got = some === undefined ? "no tensor at all" : `others, such as ${quoted(some)}`;
  throw new FormatError(
    `Expected the tensors of a U-Net, such as ${quoted(TELLING[0] as string)}, got ${got}. ${SUPPORTED}`,
  );
}

/**
 * Counts the levels, also where a tensor is missing that ends one.
 *
 * @returns those missing ones by name, with what to say of each
 */
function levelNames(tensors: Shapes): { numLevels: number; missing: Map<string, string> } {
  const begun = new Set(Array.from(tensors.keys(), (name) => /^downs\.(\d+)\./.exec(name)?.[1]));
  const missing = new Map<string, string>();
  for (let level = 0; ; level++) {
    const [innermost, outer] = [innermostName(level), outerName(level)];
    if (tensors.has(innermost)) return { numLevels: level + 1, missing };
    if (tensors.has(outer)) continue;
    if (begun.has(String(level + 1))) missing.set(outer, quoted(outer));
    else {
      // The level may be the innermost, or the next one is missing altogether.
      missing.set(innermost, `${quoted(innermost)} or ${quoted(outer)}`);
      return { numLevels: level + 1, missing };
    }
  }
}

/** Output channels of each level: all but the innermost end with a pixel-unshuffle and a 1x1 convolution. */
function levelWidths(tensors: Shapes, dim: number): number[] {
  const widths: number[] = [];
  let outer = dim;
  for (let level = 0; ; level++) {
    const innermost = innermostName(level);
    if (tensors.has(innermost)) {
      const [inner] = shapeOf(tensors, innermost, [null, outer, 3, 3]);
      return [...widths, inner];
    }
    [outer] = shapeOf(tensors, outerName(level), [null, 4 * outer, 1, 1]);
    widths.push(outer);
  }
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
    `${quoted(name)}: expected the shape [${wanted}], got ${shapeText(shape)}. ${SUPPORTED}`,
  );
}
