import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { Rung } from "../../src/engine/ops/webgpu/tuning.ts";
import { startWebgpu } from "../../src/runtime/run/device.ts";

/** WebGPU as the app starts it, for a page of the tests; on a rung, or on that which the adapter begins on. */
export async function startedBackend(rung?: Rung): Promise<WebGPUBackend> {
  const findAdapter = () => navigator.gpu.requestAdapter();
  const adapter = await findAdapter();
  if (!adapter) throw new Error("This browser has no WebGPU adapter.");
  return startWebgpu({
    Backend: WebGPUBackend,
    adapter,
    findAdapter,
    ...(rung && { rung }),
    onFault: ({ message }) => {
      throw new Error(message);
    },
  });
}
