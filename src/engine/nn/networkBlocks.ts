/** The blocks of every architecture, and with them the shapes of all weights. It needs no TensorFlow.js. */
import { type ParameterSpec, totalElements } from "./parameters.ts";
import { type PerceptronConfig, perceptronBlocks, perceptronInOrder } from "./perceptronBlocks.ts";
import { inOrder, type UnetConfig, unetBlocks } from "./unetBlocks.ts";

/** A network of any architecture. */
export type NetworkConfig =
  | ({ architecture: "unet" } & UnetConfig)
  | ({ architecture: "perceptron" } & PerceptronConfig);

interface NetworkBlock {
  name: string;
  specs: readonly ParameterSpec[];
}

/** All blocks, in the order of their parameters in the network's vector. */
export function networkBlocks(config: NetworkConfig): readonly NetworkBlock[] {
  switch (config.architecture) {
    case "unet":
      return inOrder(unetBlocks(config));
    case "perceptron":
      return perceptronInOrder(perceptronBlocks(config));
    default:
      throw config satisfies never;
  }
}

/** All parameters, in the order of the network's vector. */
export function networkParameters(config: NetworkConfig): ParameterSpec[] {
  return networkBlocks(config).flatMap(({ specs }) => specs);
}

/** Values of all parameters of a network. */
export function numParameters(config: NetworkConfig): number {
  return totalElements(networkParameters(config));
}
