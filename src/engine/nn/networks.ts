import type { Precision } from "../ops/precision.ts";
import type { NeuralNetwork } from "./network.ts";
import type { NetworkConfig } from "./networkBlocks.ts";
import { createPerceptron } from "./perceptron.ts";
import { createUnet } from "./unet.ts";

/** The network of a configuration, ready to run. */
export function createNetwork(config: NetworkConfig & { precision?: Precision }): NeuralNetwork {
  switch (config.architecture) {
    case "unet":
      return createUnet(config);
    case "perceptron":
      return createPerceptron(config);
    default:
      throw config satisfies never;
  }
}
