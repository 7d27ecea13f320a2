import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { OutOfMemoryError } from "../outOfMemory.ts";
import { type Address, emscriptenOf, type KernelModule } from "./module.ts";

const FLOAT_BYTES = 4;

/** The memory that one run of a kernel uses, and the module that computes in it. */
export class Workspace {
  readonly module: KernelModule;
  readonly #backend: BackendWasm;
  readonly #scratch: Address[] = [];

  constructor(module: KernelModule, backend: BackendWasm) {
    this.module = module;
    this.#backend = backend;
  }

  /** 0 where there is no tensor. */
  address(tensor: TensorInfo | undefined): Address {
    return tensor ? this.#backend.getMemoryOffset(tensor.dataId) : 0;
  }

  /** A tensor for the result, with undefined values. @throws OutOfMemoryError */
  output(shape: number[]): TensorInfo {
    const tensor = this.#backend.makeOutput(shape, "float32");
    checkRoom(this.address(tensor), util.sizeFromShape(shape));
    return tensor;
  }

  /** Memory for so many floats until the kernel is done, with undefined values. @throws OutOfMemoryError */
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
