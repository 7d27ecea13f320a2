/** What people read in the frame of the page. Pure. */
import { formatCount } from "../../runtime/format.ts";
import { BROWSER } from "../state/client/deviceFacts.ts";
import { goesOn, hasUnsaved, isActive } from "../state/slices/run.ts";
import { isReadable } from "../state/slices/storedRuns.ts";
import type { AppState, BackendState } from "../state/state.ts";

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
export function deviceReport(backend: BackendState, date = new Date()): string {
  const { name, device } = formatBackend(backend);
  const fallback = backend.status === "ready" ? backend.report.fallback : null;
  return [
    `Diffusion MNIST, ${date.toISOString().slice(0, 10)}, ${import.meta.url}`,
    `Computes on: ${name} ${device}`,
    ...backendReasons(backend),
    ...(fallback ? [fallback.details] : [`Browser: ${BROWSER}`]),
  ].join("\n");
}

/** Below the choice of the backend. */
export function formatBackendChange(isRunActive: boolean): string {
  return isRunActive ? "Stop the run to change the backend." : "Changing this reloads the page.";
}

export const RUNS_TITLE = "Saved runs";

export const SHARE_TITLE = "Copy a link to this page with your settings";

export function formatShared(isCopied: boolean): string {
  return `${isCopied ? "Link copied." : "Copy this link."} It opens this page with your settings.`;
}

/** How much of the run is lost with the page while it cannot be saved. */
export function formatUnsaved({ run, stored }: AppState): string {
  const saved = stored.runs?.find(({ runId }) => runId === run?.runId);
  if (!saved || !isReadable(saved)) return "Nothing is saved.";
  return `Nothing after step ${formatCount(saved.step)} is saved.`;
}

/** Why it cannot be saved; null where it can. */
export function formatTrouble({ run, stored: { trouble } }: AppState): string | null {
  return trouble !== null && goesOn(run) ? `${trouble} Training continues.` : trouble;
}

/** After its title: what a reload would lose now, or why it has to wait. */
export function formatNewVersion(state: AppState): string {
  if (state.newVersion === "openElsewhere") {
    return "Another tab still uses the old version. Close it first.";
  }
  return `${lossByReload(state)} You get it on your next visit anyway.`.trim();
}

/** Empty when nothing is lost. */
function lossByReload({ run, stored }: AppState): string {
  if (isActive(run)) {
    return stored.trouble === null
      ? "Reloading now interrupts the run; Resume goes on from its newest checkpoint."
      : "Reloading now would end the run.";
  }
  return hasUnsaved(run) ? "Reloading now would lose the weights that are not saved." : "";
}
