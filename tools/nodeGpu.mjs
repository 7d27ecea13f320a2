import { createRequire } from "node:module";

/** What a person can put right; the message says how. */
class GpuError extends Error {
  name = "GpuError";
}

/** Kept, since Dawn lives only as long as this. */
let gpu;

/**
 * Makes Node look like a browser with WebGPU, as far as TensorFlow.js looks, which has to be loaded
 * afterwards.
 *
 * @param flags of Dawn, e.g. `disable-dawn-features=timestamp_quantization`
 * @returns the adapter that TensorFlow.js will find
 * @throws GpuError when the package or an adapter is missing
 */
export async function provideGpu(flags = []) {
  const { create, globals } = await importWebgpu();
  Object.assign(globalThis, globals);
  gpu = create(flags);
  // Its modules still ask for Node's own parts in this way.
  globalThis.require = createRequire(import.meta.url);
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter) return adapter;
  throw new GpuError(
    "Dawn found no adapter. It needs a graphics driver with Vulkan (on Linux; the package " +
      "mesa-vulkan-drivers also has one that computes on the processor), Metal or Direct3D 12.",
  );
}

async function importWebgpu() {
  try {
    return await import("webgpu");
  } catch (error) {
    throw new GpuError(
      `The optional package webgpu is not here or does not start (${error.message}). ` +
        "Install it with `npm install --no-save webgpu`.",
    );
  }
}
