import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { KernelArguments } from "../kernelArguments.ts";
import { OutOfMemoryError } from "../outOfMemory.ts";
import { type Address, emscriptenOf, type KernelModule } from "./module.ts";

const FLOAT_BYTES = 4;

/** One run of a kernel on WebAssembly, with the memory it uses. */
export class KernelCall extends KernelArguments {
  readonly module: KernelModule;
  readonly #backend: BackendWasm;
  readonly #scratch: Address[] = [];

  constructor(module: KernelModule, given: Parameters<KernelFunc>[0]) {
    super(given);
    this.module = module;
    this.#backend = given.backend as BackendWasm;
  }

  address({ dataId }: TensorInfo): Address {
    return this.#backend.getMemoryOffset(dataId);
  }

  /** Of an input, or 0 where it was not given. */
  optionalAddress(name: string): Address {
    const tensor = this.optional(name);
    return tensor ? this.address(tensor) : 0;
  }

  /**
   * A tensor for the result, with undefined values.
   *
   * @throws OutOfMemoryError when the memory of WebAssembly is full
   */
  output(shape: number[]): TensorInfo {
    const tensor = this.#backend.makeOutput(shape, "float32");
    checkRoom(this.address(tensor), sizeOf(shape));
    return tensor;
  }

  /**
   * Memory for so many floats until the kernel is done, with undefined values.
   *
   * @throws OutOfMemoryError when the memory of WebAssembly is full
   */
  scratch(numFloats: number): Address {
    const address = emscriptenOf(this.#backend)._malloc(numFloats * FLOAT_BYTES) >>> 0;
    checkRoom(address, numFloats);
    this.#scratch.push(address);
    return address;
  }

  freeScratch(): void {
    for (const address of this.#scratch) emscriptenOf(this.#backend)._free(address);
  }
}

/** Emscripten returns address 0 when memory is full, and TensorFlow.js would write there. */
function checkRoom(address: Address, numFloats: number): void {
  if (address !== 0) return;
  throw new OutOfMemoryError(
    `WebAssembly has no room for ${floats(numFloats)} more bytes. Choose a smaller batch or network.`,
  );
}

/** Bytes of so many floats. */
export function floats(count: number): number {
  return count * FLOAT_BYTES;
}

/** How many values a tensor of the shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
