import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/** A device that finishes nothing for so long, while something is read, hangs. A driver may compile for a minute or two. */
const SILENCE_S = 120;

/**
 * Notices a device that hangs. The browser resets it at best; at worst what is read never comes, without a word.
 *
 * @param onSilence called once
 */
export function watchReads(backend: WebGPUBackend, onSilence: (seconds: number) => void): void {
  const { queue } = backend.device;
  const read = backend.getBufferData.bind(backend);
  const submit = queue.submit.bind(queue);
  let numReads = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  // Seconds are counted, not measured: no clock goes on while the machine sleeps.
  let silentS = 0;
  const hear = () => (silentS = 0);
  queue.submit = (given) => {
    const commands = [...given];
    submit(commands);
    if (numReads > 0 && commands.length > 0) queue.onSubmittedWorkDone().then(hear, () => {});
  };
  backend.getBufferData = async (buffer) => {
    if (numReads++ === 0) {
      hear();
      timer = setInterval(() => {
        if (++silentS < SILENCE_S) return;
        clearInterval(timer);
        onSilence(SILENCE_S);
      }, 1000);
    }
    try {
      return await read(buffer);
    } finally {
      hear();
      if (--numReads === 0) clearInterval(timer);
    }
  };
}

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
