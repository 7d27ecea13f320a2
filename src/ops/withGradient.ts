import { customGrad, type Tensor, tidy } from "@tensorflow/tfjs-core";

/** Keeps tensors that the gradient will need; the engine frees them after the backward pass. */
type Save = (tensors: Tensor[]) => void;

interface Operation {
  value: Tensor;
  /** Gradients of the inputs, in their order, from that of the value. Saved tensors come back. */
  gradient: (dy: Tensor, saved: Tensor[]) => Tensor[];
}

/**
 * An operation with a gradient of its own: what `compute` does inside is not recorded, and nothing
 * but what it saves stays in memory for the backward pass.
 */
export function withGradient<T extends Tensor>(
  inputs: Tensor[],
  compute: (save: Save) => Operation,
): T {
  const operation = customGrad((...args) => {
    const save = args[args.length - 1] as Save;
    const { value, gradient } = compute(save);
    // The engine would keep what the gradient makes on its way until the whole backward pass ends.
    const gradFunc = (dy: Tensor, saved: Tensor[]) => tidy(() => gradient(dy, saved));
    return { value, gradFunc };
  });
  return operation(...inputs) as T;
}
