import { ARCHITECTURES } from "./architectures.ts";
import { NUM_MEMORY } from "./layerParameters.ts";
import type { NetworkConfig } from "./networkBlocks.ts";
import { networkParameters } from "./networkBlocks.ts";
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

/** The multiply-adds of the whole network, for images of 28 x 28 or for a point. */
export function totalMultiplyAdds(config: NetworkConfig): number {
  const ofBlocks =
    config.architecture === "unet"
      ? inOrder(unetBlocks(config)).map((block) =>
          blockMultiplyAdds(block, config, ARCHITECTURES.unet.shape[0]),
        )
      : networkParameters(config).map(({ layout, shape }) =>
          layout === "linear" ? numElements(shape) : 0,
        );
  return ofBlocks.reduce((sum, products) => sum + products, 0);
}
