import { provideGpu } from "../../tools/nodeGpu.mjs";

/** Else Dawn rounds times to 0.1 ms. */
export const EXACT_TIMESTAMPS = ["disable-dawn-features=timestamp_quantization"];

/**
 * The benchmark or the measurement of an epoch in Node, on Dawn's WebGPU.
 *
 * @throws Error with advice when the package or an adapter is missing
 */
export async function run(server, request, tellProgress) {
  if (request.backend !== "webgpu") {
    throw new Error("--runtime=node measures WebGPU; for WebAssembly leave it out.");
  }
  try {
    await provideGpu(EXACT_TIMESTAMPS);
  } catch (error) {
    throw new Error(`${error.message} On a machine with a browser, leave out --runtime=node.`);
  }
  // Only now: TensorFlow.js looks for WebGPU when it is loaded.
  const ofDevice = {
    epoch: async () => (await server.ssrLoadModule("/tests/bench/epoch.ts")).measureEpoch,
    device: async () => (await server.ssrLoadModule("/tests/bench/device.ts")).measureDevice,
  };
  if (request.type in ofDevice) {
    const measure = await ofDevice[request.type]();
    return new Promise((resolve, reject) => {
      const fail = (message) => reject(new Error(message));
      measure(request, tellProgress, fail).then(resolve, reject);
    });
  }
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
