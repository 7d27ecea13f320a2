import { IMAGE_SIZE, type RunConfig } from "../config/hyperparameters.ts";
import { totalMultiplyAdds } from "../nn/multiplyAdds.ts";

/**
 * Floating-point operations of a forward pass, an image: two for every product of convolutions, fully
 * connected layers and attention. A training step has three times as many, since every product is
 * differentiated by both factors.
 */
export function forwardFlops(config: RunConfig): number {
  return 2 * totalMultiplyAdds(config, IMAGE_SIZE);
}
