import { IMAGE_SIZE } from "../../../engine/config/hyperparameters.ts";
import { blockMultiplyAdds } from "../../../engine/nn/multiplyAdds.ts";
import { totalElements } from "../../../engine/nn/parameters.ts";
import {
  inOrder,
  type UnetBlock,
  type UnetBlocks,
  type UnetConfig,
  unetBlocks,
} from "../../../engine/nn/unetBlocks.ts";

/** A block and what it costs. */
export interface BlockFigures {
  block: UnetBlock;
  parameters: number;
  /** A forward pass of one image. */
  multiplyAdds: number;
  /** Sides of the images that come in and go out, in pixels. */
  sizeIn: number;
  sizeOut: number;
}

export interface NetworkFigures {
  blocks: UnetBlocks;
  /** In the order of their parameters in the network's vector. */
  figures: BlockFigures[];
  parameters: number;
  multiplyAdds: number;
  numTensors: number;
}

/** What a network is made of and what each part costs. */
export function networkFigures(config: UnetConfig): NetworkFigures {
  const blocks = unetBlocks(config);
  const figures = inOrder(blocks).map((block) => ({
    block,
    parameters: totalElements(block.specs),
    multiplyAdds: blockMultiplyAdds(block, config, IMAGE_SIZE),
    sizeIn: IMAGE_SIZE / 2 ** block.levelIn,
    sizeOut: IMAGE_SIZE / 2 ** block.levelOut,
  }));
  return {
    blocks,
    figures,
    parameters: figures.reduce((sum, { parameters }) => sum + parameters, 0),
    multiplyAdds: figures.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
    numTensors: figures.reduce((sum, { block }) => sum + block.specs.length, 0),
  };
}
