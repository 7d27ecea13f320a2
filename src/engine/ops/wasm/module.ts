import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";

/** Bytes into the memory of TensorFlow.js' backend. */
export type Address = number;

/** The functions of `assembly/`, which say what they do and what their parameters are. */
export type KernelModule = Record<
  | "convTiles"
  | "convKernelGradientTiles"
  | "winogradKernel"
  | "winogradConv"
  | "winogradKernelGradient"
  | "winogradKernelOfSums"
  | "packColumns"
  | "packRows"
  | "packTurned"
  | "padImages"
  | "pixelOffsets"
  | "fillZeros"
  | "softmaxRows"
  | "softmaxRowsGradient"
  | "expColumns"
  | "scaleRows"
  | "rowDots"
  | "multiplyRows"
  | "addRows"
  | "addColumnSums"
  | "copyFloats"
  | "activation"
  | "activationGradient"
  | "normForward"
  | "normGradient"
  | "globalNorm"
  | "adamW",
  (...parameters: number[]) => void
>;

/** The instructions a module is made of: SIMD, or relaxed SIMD, which has fused multiply-add. */
export type Variant = "simd" | "relaxed";

/** A module of one instruction, `i8x16.relaxed_swizzle`. */
const RELAXED_SIMD = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0],
  ...[65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
);

export function fastestVariant(): Variant {
  return WebAssembly.validate(RELAXED_SIMD) ? "relaxed" : "simd";
}

const BINARIES = {
  simd: () => import("virtual:wasm-kernels/simd"),
  relaxed: () => import("virtual:wasm-kernels/relaxed"),
};

/** What Emscripten puts on the module of TensorFlow.js' backend, and the backend's types leave out. */
interface EmscriptenModule {
  _malloc(numBytes: number): Address;
  _free(address: Address): void;
  /** Exports, of which the memory is one. */
  asm: { memory: WebAssembly.Memory };
}

export function emscriptenOf(backend: BackendWasm): EmscriptenModule {
  return backend.wasm as unknown as EmscriptenModule;
}

/** The kernels, in the memory of a backend that has started. */
export async function loadKernels(backend: BackendWasm, variant: Variant): Promise<KernelModule> {
  const { asm } = emscriptenOf(backend);
  const { default: base64 } = await BINARIES[variant]();
  const imports = { env: { memory: asm.memory } };
  const { instance } = await WebAssembly.instantiate(await inflated(base64), imports);
  return instance.exports as KernelModule;
}

function inflated(base64: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const deflated = new Blob([bytes]).stream();
  return new Response(deflated.pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer();
}
