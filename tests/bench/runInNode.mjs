import { provideGpu } from "../../tools/nodeGpu.mjs";

/**
 * The benchmark in Node, on Dawn's WebGPU.
 *
 * @throws Error with advice when the package or an adapter is missing
 */
export async function run(server, request, tellProgress) {
  if (request.backend !== "webgpu") {
    throw new Error("--runtime=node measures WebGPU; for WebAssembly leave it out.");
  }
  try {
    await provideGpu();
  } catch (error) {
    throw new Error(`${error.message} On a machine with a browser, leave out --runtime=node.`);
  }
  // Only now: TensorFlow.js looks for WebGPU when it is loaded.
  const { measure } = await server.ssrLoadModule("/src/hosts/measuring/measuringJob.ts");
  const machine = `${request.machine}; Node ${process.versions.node}`;
  return new Promise((resolve, reject) => {
    measure({ ...request, machine }, null, (event) => {
      if (event.type === "benchmarkDone") resolve(event.figures);
      else if (event.type === "measuringFailed") reject(new Error(event.message));
      else tellProgress(event);
    });
  });
}
