import type { ProductShape } from "../ops/webgpu/tuning.ts";
import { NUM_MEMORY } from "./layerParameters.ts";
import { numElements } from "./parameters.ts";
import { inOrder, type UnetBlock, type UnetConfig, unetBlocks } from "./unetBlocks.ts";

/**
 * A validation image costs a third of a training image: only the forward pass, without the gradients by
 * both factors of each product.
 */
export const FORWARD_SHARE = 1 / 3;

/**
 * Multiply-adds of convolutions, fully connected layers and attention in a forward pass, for one image.
 * The rest is left out, since it takes only a few operations for each value.
 *
 * @param imageSize side of the images in pixels, divisible by 2^(levels - 1)
 */
export function blockMultiplyAdds(
  { kind, specs, levelOut }: UnetBlock,
  { attnHeads: heads, attnDimHead: d }: UnetConfig,
  imageSize: number,
): number {
  // Convolutions work on the images that go out: those of resizing ones come after or before it.
  const positions = (imageSize / 2 ** levelOut) ** 2;
  let products = 0;
  for (const { layout, shape } of specs) {
    if (layout === "conv" || layout === "unshuffledConv")
      products += positions * numElements(shape);
    // Once an image.
    if (layout === "linear") products += numElements(shape);
  }
  const keys = positions + NUM_MEMORY;
  if (kind === "fullAttention") return products + 2 * heads * positions * keys * d;
  if (kind === "linearAttention") return products + heads * (positions + keys) * d * d;
  return products;
}

/**
 * The shapes of the network's convolutions, without those of linear attention, those first on whose layers together it spends most multiply-adds.
 *
 * @param imageSize side of the images in pixels, divisible by 2^(levels - 1)
 */
export function convShapes(config: UnetConfig, imageSize: number): ProductShape[] {
  const byKey = new Map<string, { shape: ProductShape; products: number }>();
  for (const { kind, specs, levelOut } of inOrder(unetBlocks(config))) {
    // Its projections are computed with the rest of it.
    if (kind === "linearAttention") continue;
    const width = imageSize / 2 ** levelOut;
    for (const { layout, shape } of specs) {
      if (layout !== "conv" && layout !== "unshuffledConv") continue;
      const [kernelSize = 1, , numIn = 1, numOut = 1] = shape;
      const key = String([kernelSize, width, numIn, numOut]);
      const known = byKey.get(key) ?? { shape: { kernelSize, width, numIn, numOut }, products: 0 };
      known.products += width ** 2 * numElements(shape);
      byKey.set(key, known);
    }
  }
  const byProducts = [...byKey.values()].sort((a, b) => b.products - a.products);
  return byProducts.map(({ shape }) => shape);
}

/** The multiply-adds of the whole network. */
export function totalMultiplyAdds(config: UnetConfig, imageSize: number): number {
  return inOrder(unetBlocks(config)).reduce(
    (sum, block) => sum + blockMultiplyAdds(block, config, imageSize),
    0,
  );
}
