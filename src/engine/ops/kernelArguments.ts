import type { KernelFunc, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";

type Attributes = Record<string, number | number[] | string>;

/** Typed access to the arguments of a kernel, whose names the operation and its kernels agree on. */
export class KernelArguments {
  readonly #inputs: NamedTensorInfoMap;
  readonly #attributes: Attributes;

  constructor({ inputs, attrs }: Parameters<KernelFunc>[0]) {
    this.#inputs = inputs as NamedTensorInfoMap;
    this.#attributes = attrs as Attributes;
  }

  input(name: string): TensorInfo {
    return this.#inputs[name] as TensorInfo;
  }

  optional(name: string): TensorInfo | undefined {
    return this.#inputs[name];
  }

  inputs<K extends string>(...names: K[]): Record<K, TensorInfo> {
    return Object.fromEntries(names.map((name) => [name, this.input(name)])) as Record<
      K,
      TensorInfo
    >;
  }

  /** In the order in which the operation passed them. */
  get allInputs(): TensorInfo[] {
    return Object.values(this.#inputs) as TensorInfo[];
  }

  /** The inputs of a convolution, which count as concatenated. */
  get concatenated(): TensorInfo[] {
    return ["x0", "x1"].flatMap((name) => this.optional(name) ?? []);
  }

  number(name: string): number {
    return this.#attributes[name] as number;
  }

  numbers<K extends string>(...names: K[]): Record<K, number> {
    return Object.fromEntries(names.map((name) => [name, this.number(name)])) as Record<K, number>;
  }

  list(name: string): number[] {
    return this.#attributes[name] as number[];
  }

  text(name: string): string {
    return this.#attributes[name] as string;
  }
}
