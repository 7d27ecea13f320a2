import { IMAGE_SIZE } from "../../../engine/config/hyperparameters.ts";
import { blockMultiplyAdds } from "../../../engine/nn/multiplyAdds.ts";
import { totalElements } from "../../../engine/nn/parameters.ts";
import { inOrder, type UnetConfig, unetBlocks } from "../../../engine/nn/unetBlocks.ts";

export type NetworkFigures = ReturnType<typeof networkFigures>;

export type BlockFigures = NetworkFigures["figures"][number];

/** What a network is made of and what each part costs. */
export function networkFigures(config: UnetConfig) {
  const blocks = unetBlocks(config);
  const figures = inOrder(blocks).map((block) => ({
    block,
    parameters: totalElements(block.specs),
    /** Multiply-adds in a forward pass of one image. */
    multiplyAdds: blockMultiplyAdds(block, config, IMAGE_SIZE),
    /** Sides of the images that come in and go out, in pixels. */
    sizeIn: IMAGE_SIZE / 2 ** block.levelIn,
    sizeOut: IMAGE_SIZE / 2 ** block.levelOut,
  }));
  const sum = (count: (of: (typeof figures)[number]) => number) =>
    figures.reduce((total, each) => total + count(each), 0);
  return {
    blocks,
    /** In the order of their parameters in the network's vector. */
    figures,
    parameters: sum(({ parameters }) => parameters),
    multiplyAdds: sum(({ multiplyAdds }) => multiplyAdds),
    numTensors: sum(({ block }) => block.specs.length),
  };
}
