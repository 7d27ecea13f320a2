import { FormatError, formatShape, quoted } from "../formats/formatError.ts";
import type { WritableTensor } from "../formats/safetensors/safetensors.ts";
import { fromTorch, torchShape, toTorch } from "./layout.ts";
import { numElements, type ParameterSpec, totalElements } from "./parameters.ts";

/** A parameter in the layout of PyTorch's `state_dict`. */
export interface TorchTensor {
  shape: number[];
  values: Float32Array<ArrayBuffer>;
}

/** A tensor from a file, which may not belong to a `state_dict` or not be floating-point. */
export interface NamedArray {
  shape: readonly number[];
  values: Float32Array | Float64Array | Int32Array | Uint8Array;
}

/** How many tensors a message names. */
const MAX_NAMED = 5;

/**
 * Parameters under the names and in the layout of the PyTorch library.
 *
 * @param flat all of them in our order and layout, `[totalElements(specs)]`
 */
export function toStateDict(
  specs: readonly ParameterSpec[],
  flat: Float32Array,
): Map<string, TorchTensor> {
  if (flat.length !== totalElements(specs)) {
    throw new Error(`The network has ${totalElements(specs)} parameters, got ${flat.length}.`);
  }
  let offset = 0;
  return new Map(
    specs.map(({ name, shape, layout }) => {
      const values = flat.subarray(offset, offset + numElements(shape));
      offset += values.length;
      const array = { shape: torchShape(layout, shape), values: toTorch(layout, shape, values) };
      return [name, array] as const;
    }),
  );
}

/** The tensors of `toStateDict` for safetensors, under their names after a prefix. */
export function writableTensors(
  specs: readonly ParameterSpec[],
  flat: Float32Array,
  { dtype = "F32", prefix = "" }: { dtype?: "F32" | "F16"; prefix?: string },
): Map<string, WritableTensor> {
  const stateDict = [...toStateDict(specs, flat)];
  return new Map(stateDict.map(([name, tensor]) => [prefix + name, { dtype, ...tensor }]));
}

/**
 * The inverse of `toStateDict`.
 *
 * @throws FormatError when tensors are missing, are not the network's or have another shape or type,
 *   or when they hold NaN or infinity
 */
export function fromStateDict(
  specs: readonly ParameterSpec[],
  tensors: ReadonlyMap<string, NamedArray>,
): Float32Array<ArrayBuffer> {
  checkStateDict(specs, tensors, ({ values }) => values instanceof Float32Array);
  const flat = new Float32Array(totalElements(specs));
  const notFinite: string[] = [];
  let offset = 0;
  for (const { name, shape, layout } of specs) {
    const { values } = tensors.get(name) as { values: Float32Array };
    if (!values.every(Number.isFinite)) notFinite.push(quoted(name));
    flat.set(fromTorch(layout, shape, values), offset);
    offset += values.length;
  }
  if (notFinite.length > 0) {
    throw new FormatError(
      `Expected finite weights, got NaN or infinity in ${listed(notFinite)}. The training has diverged or the file is damaged: take an earlier checkpoint.`,
    );
  }
  return flat;
}

/**
 * Checks names, shapes and types as `fromStateDict` does, so that a file's header can be checked before its
 * values are read.
 *
 * @throws FormatError naming everything that is wrong
 */
export function checkStateDict<T extends { shape: readonly number[] }>(
  specs: readonly ParameterSpec[],
  tensors: ReadonlyMap<string, T>,
  isFloat: (tensor: T) => boolean,
): void {
  const names = new Set(specs.map(({ name }) => name));
  const missing = [...names].filter((name) => !tensors.has(name)).map(quoted);
  const extra = [...tensors.keys()].filter((name) => !names.has(name)).map(quoted);
  const misshapen: string[] = [];
  const notFloat: string[] = [];
  for (const { name, shape, layout } of specs) {
    const tensor = tensors.get(name);
    if (!tensor) continue;
    const expected = torchShape(layout, shape);
    if (String(tensor.shape) !== String(expected)) {
      const [got, wanted] = [formatShape(tensor.shape), formatShape(expected)];
      misshapen.push(`${quoted(name)} (expected ${wanted}, got ${got})`);
    } else if (!isFloat(tensor)) notFloat.push(quoted(name));
  }
  const problems = Object.entries({
    Missing: missing,
    "Not this network's": extra,
    "Of another shape": misshapen,
    "Not of 32- or 16-bit floating-point values, which .float() gives in PyTorch": notFloat,
  }).flatMap(([problem, names]) => (names.length > 0 ? `${problem}: ${listed(names)}.` : []));
  if (problems.length === 0) return;
  throw new FormatError(
    `The weights do not fit the network. ${problems.join(" ")} Were they saved from a network of another configuration or library?`,
  );
}

/** `7 tensors, a, b, c, d, e and 2 more`. */
export function listed(items: readonly string[]): string {
  const count = `${items.length} ${items.length === 1 ? "tensor" : "tensors"}`;
  const named = items.slice(0, MAX_NAMED).join(", ");
  const rest = items.length - MAX_NAMED;
  return `${count}, ${named}${rest > 0 ? ` and ${rest} more` : ""}`;
}
