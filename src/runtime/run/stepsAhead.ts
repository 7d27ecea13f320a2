import type { BackendReport } from "./events.ts";

/** A card computes beside JavaScript; on WebAssembly a step that is begun is done. */
export const STEPS_AHEAD: Record<BackendReport["backend"], number> = { webgpu: 1, wasm: 0 };
