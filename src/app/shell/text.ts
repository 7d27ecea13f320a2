import { formatCount } from "../../runtime/format.ts";
import { isReadable } from "../state/slices/storedRuns.ts";
import type { AppState, BackendState } from "../state/state.ts";

const BACKEND_NAMES = { webgpu: "WebGPU", wasm: "WebAssembly" };

export function backendWords(backend: BackendState): { name: string; device: string } {
  if (backend.status === "starting") return { name: "Starting…", device: "" };
  if (backend.status === "failed") return { name: "No backend", device: "" };
  const name = BACKEND_NAMES[backend.report.backend];
  // A device such as "WebAssembly SIMD, 2 threads" begins with the name.
  return { name, device: backend.report.device.replace(name, "").trim() };
}

/** How much of the run is lost with the page while it cannot be saved. */
export function unsavedWords({ run, stored }: AppState): string {
  const saved = stored.runs?.find(({ runId }) => runId === run?.runId);
  if (!saved || !isReadable(saved)) return "Nothing is saved.";
  return `Nothing after step ${formatCount(saved.step)} is saved.`;
}
