import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/** How often the queue is nudged while something is read. */
const NUDGE_MS = 2;

/**
 * Has Firefox look at its queue while a buffer is read: by itself it looks every 100 ms (Bugzilla 1870699), and whenever
 * something is submitted. An empty submit costs it nothing else.
 */
export function nudgeReads(backend: WebGPUBackend): void {
  const { device } = backend;
  const read = backend.getBufferData.bind(backend);
  let numReads = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  backend.getBufferData = async (buffer) => {
    if (numReads++ === 0) timer = setInterval(() => device.queue.submit([]), NUDGE_MS);
    try {
      return await read(buffer);
    } finally {
      if (--numReads === 0) clearInterval(timer);
    }
  };
}
