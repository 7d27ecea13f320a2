import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { startWebgpu } from "../../src/runtime/run/device.ts";

/** WebGPU as the app starts it, for a page of the tests. */
export async function startedBackend(): Promise<WebGPUBackend> {
  const findAdapter = () => navigator.gpu.requestAdapter();
  const adapter = await findAdapter();
  if (!adapter) throw new Error("This browser has no WebGPU adapter.");
  return startWebgpu({
    Backend: WebGPUBackend,
    adapter,
    findAdapter,
    onFault: ({ message }) => {
      throw new Error(message);
    },
  });
}
