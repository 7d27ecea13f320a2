import { type Tensor, tidy } from "@tensorflow/tfjs-core";
import { runsAsStock } from "./stock.ts";
import { isRecording, type Recorded, record } from "./tape.ts";

type Operation = Pick<Recorded, "value" | "gradient"> & {
  /** Tensors that the gradient needs besides inputs and value. */
  saved?: readonly Tensor[];
};

/**
 * An operation with its own gradient. Nothing inside `compute` is recorded, and only inputs, value and
 * saved tensors stay in memory for the backward pass.
 */
export function withGradient<T extends Tensor>(
  inputs: readonly Tensor[],
  compute: () => Operation,
): T {
  if (runsAsStock()) return compute().value as T;
  const isRecorded = isRecording(inputs);
  let gradient: Recorded["gradient"] | undefined;
  const { value, saved } = tidy(() => {
    const operation = compute();
    gradient = operation.gradient;
    return { value: operation.value, saved: isRecorded ? [...(operation.saved ?? [])] : [] };
  });
  if (isRecorded && gradient) record({ inputs, value, saved, gradient });
  return value as T;
}
