import type { Tensor } from "@tensorflow/tfjs-core";
import { type RandomKey, randomNormals, randomUniforms } from "../random.ts";
import type { ParameterLayout } from "./layout.ts";

/** A parameter of a network: its name, shape, layout and initialization. */
export interface ParameterSpec {
  /** Its name in the PyTorch library's `state_dict`. */
  name: string;
  shape: readonly number[];
  layout: ParameterLayout;
  init: Initializer;
}

/**
 * PyTorch's defaults: uniform in +-1/sqrt(fanIn) for weights and biases of convolutions and fully
 * connected layers (He et al. 2015 with a = sqrt 5), ones for gains, normal for memory.
 */
export type Initializer =
  | { kind: "uniform"; fanIn: number }
  | { kind: "ones" }
  | { kind: "normal" };

/** The values of all parameters by name. */
export type Parameters = ReadonlyMap<string, Tensor>;

/** Declares a parameter, and returns the function that looks up its value when the network runs. */
export type Define = <T extends Tensor>(spec: ParameterSpec) => (parameters: Parameters) => T;

/** Prefixes the names of parameters: `scope(define, "downs.0")` corresponds to nested modules in PyTorch. */
export function scope(define: Define, prefix: string | number): Define {
  return (spec) => define({ ...spec, name: `${prefix}.${spec.name}` });
}

/** Collects the parameters that a network declares. */
export function collectParameters(specs: ParameterSpec[]): Define {
  return <T extends Tensor>(spec: ParameterSpec) => {
    specs.push(spec);
    return (parameters: Parameters) => {
      const value = parameters.get(spec.name);
      if (!value) throw new Error(`The network has no value for its parameter ${spec.name}`);
      return value as T;
    };
  };
}

export function numElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function totalElements(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, spec) => sum + numElements(spec.shape), 0);
}

/** Initial values of all parameters in the order of the specs, `[totalElements(specs)]`. */
export function initialValues(
  specs: readonly ParameterSpec[],
  seed: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(totalElements(specs));
  let offset = 0;
  specs.forEach(({ shape, init }, index) => {
    const size = numElements(shape);
    values.set(startValues(init, size, { seed, stream: "weights", index }), offset);
    offset += size;
  });
  return values;
}

function startValues(init: Initializer, size: number, key: RandomKey): Float32Array {
  if (init.kind === "ones") return new Float32Array(size).fill(1);
  if (init.kind === "normal") return randomNormals(key, size);
  const bound = 1 / Math.sqrt(init.fanIn);
  return randomUniforms(key, size).map((u) => (2 * u - 1) * bound);
}

/** Tensors by the names of their specs, which have the same order. */
export function byName(specs: readonly ParameterSpec[], tensors: readonly Tensor[]): Parameters {
  return new Map(specs.map((spec, i) => [spec.name, tensors[i] as Tensor]));
}
