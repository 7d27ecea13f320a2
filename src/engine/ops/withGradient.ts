import { type Tensor, tidy } from "@tensorflow/tfjs-core";
import { runsAsStock } from "./stock.ts";
import { isRecording, type Recorded, record } from "./tape.ts";

type Operation = Pick<Recorded, "value" | "gradient"> & {
  /** What the gradient needs besides inputs and value. */
  saved?: readonly Tensor[];
};

/**
 * An operation with a gradient of its own: nothing of what `compute` does inside is recorded, and
 * only inputs, value and what it saves stay in memory for the way back.
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
