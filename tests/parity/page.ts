/** The browser's side of `npm run test:parity`: compares files on a backend when it is told to. */
import * as tf from "@tensorflow/tfjs-core";
import { registerWasmKernels } from "../../src/engine/ops/wasm/register.ts";
import type { Rung } from "../../src/engine/ops/webgpu/tuning.ts";
import { chooseWasmBinaries } from "../../src/hosts/worker/wasmBinaries.ts";
import { startedBackend } from "../gpu/startedBackend.ts";
import { compareFile, isWithinBound } from "./compare.ts";
import type { Comparison } from "./reference.ts";

declare global {
  interface Window {
    parity: {
      /** Says what it computes on, WebGPU on a rung, or throws. */
      start(backend: "wasm" | "webgpu", rung: Rung): Promise<{ device: string }>;
      /** Throws when the file cannot be fetched or read. */
      compare(name: string, url: string): Promise<(Comparison & { isPast: boolean })[]>;
    };
  }
}

window.parity = {
  async start(backend, rung) {
    await chooseWasmBinaries();
    if (backend === "wasm") {
      if (!(await tf.setBackend("wasm"))) throw new Error("This browser cannot start WebAssembly.");
      await registerWasmKernels();
      return { device: "WebAssembly" };
    }
    const { adapterInfo: info } = (await startedBackend(rung)).device;
    return { device: `${info.vendor} ${info.architecture} ${info.description}`.trim() };
  },

  async compare(name, url) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`The server answered ${response.status} for ${url}.`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    tf.engine().startScope();
    try {
      const comparisons = await compareFile(name, bytes);
      return comparisons.map((comparison) => ({
        ...comparison,
        isPast: !isWithinBound(comparison),
      }));
    } finally {
      tf.engine().endScope();
    }
  },
};
