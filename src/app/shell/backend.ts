/** What the page computes on and why, in words. */
import { BROWSER } from "../state/client/deviceFacts.ts";
import type { BackendState } from "../state/state.ts";

const BACKEND_NAMES = { webgpu: "WebGPU", wasm: "WebAssembly" };

export function formatBackend(backend: BackendState): { name: string; device: string } {
  if (backend.status === "starting") return { name: "Starting…", device: "" };
  if (backend.status === "failed") return { name: "No backend", device: "" };
  const name = BACKEND_NAMES[backend.report.backend];
  // A device such as "WebAssembly SIMD, 2 threads" begins with the name.
  return { name, device: backend.report.device.replace(name, "").trim() };
}

/** Why the page computes on this backend, and what the person can do about it. */
export function backendReasons(backend: BackendState): string[] {
  if (backend.status === "starting") return ["Looking for a graphics card…"];
  if (backend.status === "failed") return [backend.message];
  const { reason, advice } = backend.report;
  return [reason ?? "The fastest backend in this browser.", ...(advice === null ? [] : [advice])];
}

/** For a bug report: what the page computes on and why, and what has failed. */
export function formatDeviceReport(backend: BackendState, date = new Date()): string {
  const { name, device } = formatBackend(backend);
  const fallback = backend.status === "ready" ? backend.report.fallback : null;
  return [
    `Diffusion MNIST, ${date.toISOString().slice(0, 10)}, ${import.meta.url}`,
    `Computes on: ${name} ${device}`,
    ...backendReasons(backend),
    ...(fallback ? [fallback.details] : [`Browser: ${BROWSER}`]),
  ].join("\n");
}
