import { FormatError, quoted, shapeText } from "../formats/formatError.ts";
import type { UnetConfig } from "./unet.ts";

/** The shapes of tensors by their names in the network's `state_dict`. */
export type Shapes = ReadonlyMap<string, { shape: readonly number[] }>;

/** What to tell of shapes that a `Unet` may have and ours has not. */
const SUPPORTED =
  "This page builds the U-Net of denoising_diffusion_pytorch for one channel, with that library's defaults.";

/**
 * Reads a U-Net's configuration off the shapes of its tensors in PyTorch's layout. Only what the
 * configuration follows from is looked at: whether all other tensors fit is for `fromStateDict`.
 *
 * @throws FormatError when the tensors are not such a network's, naming the one that is missing or
 *   has a shape that does not fit
 */
export function inferUnetConfig(tensors: Shapes): UnetConfig {
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
  // Also tells self-conditioning from images of two channels, and init_dim from dim.
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

/** Output channels of each level: all but the innermost end with a pixel-unshuffle and a 1x1 convolution. */
function levelWidths(tensors: Shapes, dim: number): number[] {
  const widths: number[] = [];
  let outer = dim;
  for (let level = 0; ; level++) {
    const innermost = `downs.${level}.3.weight`;
    if (tensors.has(innermost)) {
      const [inner] = shapeOf(tensors, innermost, [null, outer, 3, 3]);
      return [...widths, inner];
    }
    [outer] = shapeOf(tensors, `downs.${level}.3.1.weight`, [null, 4 * outer, 1, 1]);
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

/** The shape of a tensor that must be there; null stands for a size that may be any. */
function shapeOf<const S extends readonly (number | null)[]>(
  tensors: Shapes,
  name: string,
  expected: S,
): { readonly [Axis in keyof S]: number } {
  const shape = tensors.get(name)?.shape;
  if (!shape) {
    const [some] = tensors.keys();
    const got = some === undefined ? "no tensor at all" : `others, such as ${quoted(some)}`;
    throw new FormatError(`Expected a tensor ${quoted(name)}, got ${got}. ${SUPPORTED}`);
  }
  const fits =
    shape.length === expected.length &&
    expected.every((size, axis) => size === null || size === shape[axis]);
  if (fits) return shape as unknown as { readonly [Axis in keyof S]: number };
  const wanted = expected.map((size) => size ?? "any").join(", ");
  throw new FormatError(
    `${quoted(name)}: expected the shape [${wanted}], got ${shapeText(shape)}. ${SUPPORTED}`,
  );
}
