/** Before the tests of everything that trains. */
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { registerWasmKernels } from "../../src/engine/ops/wasm/register.ts";

// Training has the kernels of `src/engine/ops/wasm` wherever it runs. Where files share a thread, once.
await tf.setBackend("wasm");
if (!tf.getKernel("AdamW", "wasm")) await registerWasmKernels();

// Vitest's own comparison takes 50 ms for the weights of the smallest network.
expect.addEqualityTesters([
  (a: unknown, b: unknown) => {
    if (!isTypedArray(a) || !isTypedArray(b)) return undefined;
    if (a.constructor !== b.constructor || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
    return true;
  },
]);

function isTypedArray(value: unknown): value is Uint8Array | Int32Array | Float32Array {
  return ArrayBuffer.isView(value) && "length" in value;
}
