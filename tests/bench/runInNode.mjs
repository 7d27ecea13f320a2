import { provideGpu } from "../../tools/nodeGpu.mjs";

/** Else Dawn rounds times to 0.1 ms. */
export const EXACT_TIMESTAMPS = ["disable-dawn-features=timestamp_quantization"];

/** Where each measurement is, by the name of `--measure`. */
const MEASUREMENTS = {
  benchmark: { load: "/tests/bench/stock/benchmark.ts", name: "runBenchmark" },
  epoch: { load: "/tests/bench/epoch.ts", name: "measureEpoch" },
  device: { load: "/tests/bench/device.ts", name: "measureDevice" },
};

/**
 * The benchmark, or the measurement of an epoch or of the device, in Node, on Dawn's WebGPU.
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
  const { load, name } = MEASUREMENTS[request.type];
  const measure = (await server.ssrLoadModule(load))[name];
  const machine = `${request.machine}; Node ${process.versions.node}`;
  return new Promise((resolve, reject) => {
    const fail = (message) => reject(new Error(message));
    measure({ ...request, machine }, tellProgress, fail).then(resolve, reject);
  });
}
