import { type PresetName, presetConfig } from "../../src/config/presets.ts";
import { WASM_PATHS } from "../../src/worker/wasmPaths.ts";
import { startSide } from "./entry.ts";
import { forwardFlops } from "./flops.ts";
import type { Side, SideOptions } from "./side.ts";

declare global {
  interface Window {
    bench: {
      start(backend: "wasm" | "webgpu", options: SideOptions): Promise<void>;
      side: Side | null;
      device(backend: "wasm" | "webgpu"): Promise<string>;
      forwardFlops(preset: PresetName): number;
    };
  }
}

window.bench = {
  side: null,
  async start(backend, options) {
    this.side = await startSide(backend, options, WASM_PATHS);
  },
  async device(backend) {
    if (backend === "wasm") return "WebAssembly SIMD, 1 thread";
    const info = (await navigator.gpu.requestAdapter())?.info;
    return info ? `${info.vendor} ${info.architecture} ${info.description}`.trim() : "no adapter";
  },
  forwardFlops: (preset) => forwardFlops(presetConfig(preset)),
};
