import { createRequire } from "node:module";

/** Kept, since Dawn lives only as long as this. */
let gpu;

/**
 * The benchmark in Node, on Dawn's WebGPU.
 *
 * @throws Error with advice when the package or an adapter is missing
 */
export async function run(server, request, tellProgress) {
  if (request.backend !== "webgpu") {
    throw new Error("--runtime=node measures WebGPU; for WebAssembly leave it out.");
  }
  await provideGpu();
  // Only now: TensorFlow.js looks for WebGPU when it is loaded.
  const { runBenchmark } = await server.ssrLoadModule("/src/worker/benchmarkJob.ts");
  const machine = `${request.machine}; Node ${process.versions.node}`;
  return new Promise((resolve, reject) => {
    runBenchmark({ ...request, machine }, (event) => {
      if (event.type === "benchmarkDone") resolve(event.figures);
      else if (event.type === "benchmarkFailed") reject(new Error(event.message));
      else tellProgress(event);
    });
  });
}

/** Makes Node look like a browser with WebGPU, as far as TensorFlow.js looks. */
async function provideGpu() {
  const { create, globals } = await importWebgpu();
  Object.assign(globalThis, globals);
  gpu = create([]);
  // Its modules still ask for Node's own parts in this way.
  globalThis.require = createRequire(import.meta.url);
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
  if (await gpu.requestAdapter({ powerPreference: "high-performance" })) return;
  throw new Error(
    "Dawn found no adapter. It needs a graphics driver with Vulkan (on Linux; the package " +
      "mesa-vulkan-drivers also has one that computes on the processor), Metal or Direct3D 12. " +
      "On a machine with a browser, leave out --runtime=node.",
  );
}

async function importWebgpu() {
  try {
    return await import("webgpu");
  } catch (error) {
    throw new Error(
      `The optional package webgpu is not here or does not start (${error.message}). ` +
        "Install it with `npm install --no-save webgpu`, or leave out --runtime=node.",
    );
  }
}
