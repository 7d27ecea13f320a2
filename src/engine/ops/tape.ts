/**
 * Reverse-mode automatic differentiation (Linnainmaa 1970; Wengert 1964).
 *
 * An operation of the network computes its value and gives a function that takes the gradient of the loss by that value,
 * dL/dvalue, to those by its inputs. While the loss is computed, each such operation is written on a tape, in order, if
 * one of its inputs depends on the parameters. The backward pass begins with dL/dL = 1 and reads the tape from its end:
 * each entry takes the gradients of its values and adds those of its inputs, and where a tensor was used several times
 * they add up. An entry is read once, so all that it holds is freed as soon as it has been read. This is why the memory
 * of a step is about half of what the tape of TensorFlow.js needs, which keeps everything to the end.
 */
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** What `withGradients` is given of an operation. */
interface Operation {
  values: readonly Tensor[];
  /** Tensors that the gradient needs besides inputs and values; freed together with these. */
  saved?: readonly Tensor[] | undefined;
  /** Whether the gradients of the values may come in parts, `[n, ...shape]`, which the operation then adds up. */
  takesParts?: boolean;
  /** From the gradients of the values to those of the inputs, in their order. */
  gradient(dValues: readonly Tensor[], request: GradientRequest): (Tensor | undefined)[];
}

/** What `withGradient` is given of an operation with one value. */
interface SingleOperation extends Pick<Operation, "saved" | "takesParts"> {
  value: Tensor;
  gradient(dValue: Tensor, request: GradientRequest): (Tensor | undefined)[];
}

interface GradientRequest {
  /** Which inputs need a gradient; for the others undefined may be returned. */
  isNeeded: readonly boolean[];
  /**
   * The sum of the gradients that other operations gave for an input, if any. An operation that takes it
   * must add it to the gradient it returns, which saves a kernel; otherwise the tape adds the two.
   */
  takeSum<T extends Tensor>(input: number): T | undefined;
  /** As `takeSum`, for an operation that can add two: none, one or two gradients whose sum is meant. */
  takeAddends<T extends Tensor>(input: number): T[];
}

interface Tape {
  entries: (Operation & { inputs: readonly Tensor[] })[];
  /** Ids of the variables and of all tensors that depend on them. */
  dependents: Set<number>;
}

let tape: Tape | null = null;

/** `withGradients` of one value. */
export function withGradient<T extends Tensor>(
  inputs: readonly Tensor[],
  compute: () => SingleOperation,
): T {
  const [value] = withGradients(inputs, () => {
    const { value, gradient, ...others } = compute();
    return {
      ...others,
      values: [value],
      gradient: ([dValue], request) => gradient(dValue as Tensor, request),
    };
  });
  return value as T;
}

/**
 * An operation with its own gradient. Nothing inside `compute` is recorded, and only inputs, values and
 * saved tensors stay in memory for the backward pass; then the tape owns values and saved tensors.
 */
export function withGradients<T extends Tensor>(
  inputs: readonly Tensor[],
  compute: () => Operation,
): T[] {
  const recording = inputs.some(({ id }) => tape?.dependents.has(id)) ? tape : null;
  let operation: Operation = { values: [], gradient: () => [] };
  tidied(() => {
    operation = compute();
    return [...operation.values, ...((recording && operation.saved) ?? [])];
  });
  recording?.entries.push({ ...operation, inputs });
  for (const { id } of operation.values) recording?.dependents.add(id);
  return operation.values as T[];
}

/**
 * `tf.tidy` within another, without a scope of its own: these, one for each operation and each of their gradients, were a
 * seventh of a step's JavaScript.
 *
 * @param compute returns the tensors that are kept, all others that it makes are disposed
 */
function tidied<T extends Tensor | undefined>(compute: () => T[]): T[] {
  const { activeScope } = tf.engine().state;
  if (!activeScope) return tf.tidy(compute);
  const { track } = activeScope;
  const first = track.length;
  const kept = compute();
  let end = first;
  for (const tensor of track.slice(first)) {
    if (kept.includes(tensor as T)) track[end++] = tensor;
    else if (!tensor.kept) tensor.dispose();
  }
  track.length = end;
  return kept;
}

/** A scalar and its gradients, see `vjp`. The caller disposes all of them. */
export function valueAndGradients(
  compute: () => Scalar,
  variables: readonly Tensor[],
): { value: Scalar; gradients: Tensor[] } {
  const { value, pullback } = vjp(compute, variables);
  return { value, gradients: pullback(tf.onesLike(value)) };
}

/**
 * A value, and once what takes its gradient, which is disposed, to those of the variables (the vector-Jacobian product).
 * Only operations made with `withGradient` are recorded.
 *
 * @param variables tensors that `compute` uses
 * @returns `pullback` gives gradients in the order of the variables, and throws an Error when the value does not depend
 *   on one; the caller disposes them and the value
 */
export function vjp<T extends Tensor>(
  compute: () => T,
  variables: readonly Tensor[],
): { value: T; pullback(dValue: Tensor): Tensor[] } {
  if (tape) throw new Error("A gradient inside a gradient is not supported.");
  const recorded: Tape = { entries: [], dependents: new Set(variables.map(({ id }) => id)) };
  tape = recorded;
  let value: T;
  try {
    value = compute();
  } finally {
    tape = null;
  }
  return {
    value,
    pullback(dValue) {
      const gradients = backward(recorded, value, dValue);
      return variables.map((variable, i) => {
        const gradient = gradients.take(variable.id);
        if (gradient) return gradient;
        throw new Error(
          `The value does not depend on variable ${i}, of shape [${variable.shape}].`,
        );
      });
    },
  };
}

/** Goes back over the tape. The gradients that are left are those of tensors that no operation made. */
function backward({ entries, dependents }: Tape, value: Tensor, dValue: Tensor): GradientSums {
  const gradients = new GradientSums();
  gradients.add(value.id, dValue);
  for (let entry = entries.pop(); entry; entry = entries.pop()) {
    const { inputs, values, saved = [] } = entry;
    const given = values.map(({ id }) => gradients.take(id));
    if (given.some((gradient) => gradient !== undefined)) {
      const dValues = given.map((gradient, i) => gradient ?? tf.zerosLike(values[i] as Tensor));
      if (!entry.takesParts && dValues.some(({ size }, i) => size !== values[i]?.size)) {
        throw new Error(
          "Linear attention gives the gradient of its x in parts, [n, ...shape], which only a norm without addend adds up; this x was made by another operation.",
        );
      }
      const isNeeded = inputs.map(({ id }) => dependents.has(id));
      const taken: Tensor[] = [];
      const takeSum = <T extends Tensor>(input: number) => {
        const sum = gradients.take((inputs[input] as Tensor).id) as T | undefined;
        if (sum) taken.push(sum);
        return sum;
      };
      const takeAddends = <T extends Tensor>(input: number) => {
        const addends = gradients.takeAddends((inputs[input] as Tensor).id) as T[];
        taken.push(...addends);
        return addends;
      };
      const request = { isNeeded, takeSum, takeAddends };
      const dInputs = tidied(() => entry.gradient(dValues, request));
      dInputs.forEach((gradient, i) => {
        if (!gradient) return;
        if (isNeeded[i]) gradients.add((inputs[i] as Tensor).id, gradient);
        else gradient.dispose();
      });
      // A gradient that an operation passes on unchanged is still needed.
      for (const used of [...dValues, ...taken]) if (!dInputs.includes(used)) used.dispose();
    }
    for (const tensor of saved) tensor.dispose();
    for (const output of values) if (output !== value) output.dispose();
  }
  return gradients;
}

/** Gradients by tensor; several for the same tensor add up, the last two once they are needed. */
class GradientSums {
  readonly #addends = new Map<number, Tensor[]>();

  add(id: number, gradient: Tensor): void {
    const before = this.take(id);
    this.#addends.set(id, before ? [before, gradient] : [gradient]);
  }

  take(id: number): Tensor | undefined {
    const [first, second] = this.takeAddends(id);
    if (!first || !second) return first;
    const sum = tf.add(first, second);
    first.dispose();
    second.dispose();
    return sum;
  }

  takeAddends(id: number): Tensor[] {
    const addends = this.#addends.get(id) ?? [];
    this.#addends.delete(id);
    return addends;
  }
}
