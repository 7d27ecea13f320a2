import { NUM_MEMORY } from "./layerParameters.ts";
import { numElements } from "./parameters.ts";
import { inOrder, type UnetBlock, type UnetConfig, unetBlocks } from "./unetBlocks.ts";

/**
 * A validation image takes a forward pass, which is a third of a training image's: every product is
 * differentiated by both factors.
 */
export const FORWARD_SHARE = 1 / 3;

/**
 * Products of convolutions, fully connected layers and attention in a forward pass, for one image;
 * each is added to something. All else is left out: it is a few operations a value.
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

/** Those of the whole network. */
export function totalMultiplyAdds(config: UnetConfig, imageSize: number): number {
  return inOrder(unetBlocks(config)).reduce(
    (sum, block) => sum + blockMultiplyAdds(block, config, imageSize),
    0,
  );
}
