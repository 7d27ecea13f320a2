import { messageOf } from "../../engine/messageOf.ts";
import { registerWasmKernels } from "../../engine/ops/wasm/register.ts";

let started: Promise<void> | null = null;

/**
 * Starts what networks compute with, once.
 *
 * @throws Error where the browser has no WebAssembly SIMD
 */
export function startKernels(): Promise<void> {
  started ??= start();
  return started;
}

async function start(): Promise<void> {
  try {
    // Not the relaxed ones, which round in another way: digits are the same everywhere.
    await registerWasmKernels("simd");
  } catch (error) {
    throw new Error(
      `Expected a browser with WebAssembly SIMD, such as Chrome 91, Firefox 89 or Safari 16.4 and newer, and a page that allows it ('wasm-unsafe-eval' in its Content-Security-Policy, if it has one), got: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
