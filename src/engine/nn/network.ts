/** What all networks have in common, whatever they denoise. */
import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { ImageShape } from "./architectures.ts";
import type { ParameterSpec, Parameters } from "./parameters.ts";
import type { DropoutMask } from "./resnetBlock.ts";
import type { UnetBlock } from "./unetBlocks.ts";

export interface ForwardInputs {
  /** `[B, H, W, 1]`; a U-Net takes any H and W divisible by 2^(levels - 1). */
  x: Tensor4D;
  /** Integers in [0, T), `[B]`. */
  timesteps: ArrayLike<number>;
  /** The estimate of the finished image, `[B, H, W, 1]`; zeros when null. Only for self-conditioning. */
  x0Before?: Tensor4D | null;
  dropout?: DropoutMask | undefined;
  /** See `labelRows`; "no label" for all when null. Only for a network with classes. */
  labels?: Tensor2D | null;
  /**
   * Called with what each block of a U-Net makes of images, `[B, H, W, numOut]`, in the order in which they run. The
   * input of an attention is the output of the block before it. Whoever wants to keep a tensor clones it.
   */
  onBlock?: ((block: UnetBlock, output: Tensor4D) => void) | undefined;
}

export interface NeuralNetwork {
  parameters: readonly ParameterSpec[];
  /** Labels that it can be asked for; 0 for a network that is asked for nothing. */
  classes: number;
  /** Rows and columns of what it denoises. */
  shape: ImageShape;
  /** @returns `[B, H, W, 1]` */
  forward(p: Parameters, inputs: ForwardInputs): Tensor4D;
}
