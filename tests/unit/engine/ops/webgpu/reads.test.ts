import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { nudgeReads, watchReads } from "../../../../../src/engine/ops/webgpu/reads.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A backend whose readings and submits end when they are told to. */
function scripted() {
  const submit = vi.fn();
  const readings: { resolve(bytes: ArrayBuffer): void; reject(error: Error): void }[] = [];
  const submits: (() => void)[] = [];
  const onSubmittedWorkDone = () => new Promise<void>((resolve) => submits.push(resolve));
  const backend = {
    device: { queue: { submit, onSubmittedWorkDone } },
    getBufferData: () =>
      new Promise((resolve, reject) => {
        readings.push({ resolve, reject });
      }),
  } as unknown as WebGPUBackend;
  const read = () => backend.getBufferData({} as GPUBuffer);
  return { backend, read, readings, submit, submits };
}

function nudged() {
  const { backend, submit, ...rest } = scripted();
  nudgeReads(backend);
  const numSubmitsIn = async (ms: number) => {
    submit.mockClear();
    await vi.advanceTimersByTimeAsync(ms);
    return submit.mock.calls.length;
  };
  return { ...rest, submit, numSubmitsIn };
}

it("an empty submit nudges the queue every 2 ms, as often for several readings as for one, until the last has ended", async () => {
  const { read, readings, submit, numSubmitsIn } = nudged();
  expect(await numSubmitsIn(10)).toBe(0);
  const first = read();
  expect(await numSubmitsIn(10)).toBe(5);
  expect(submit).toHaveBeenCalledWith([]);
  const second = read();
  expect(await numSubmitsIn(10)).toBe(5);
  const bytes = new ArrayBuffer(4);
  readings[0]?.resolve(bytes);
  expect(await first).toBe(bytes);
  expect(await numSubmitsIn(10)).toBe(5);
  readings[1]?.reject(new Error("The device is lost."));
  await expect(second).rejects.toThrow("The device is lost.");
  expect(await numSubmitsIn(10)).toBe(0);
  read();
  expect(await numSubmitsIn(10)).toBe(5);
});

it("a device that finishes nothing for two minutes while something is read hangs; one that finishes submits is slow", async () => {
  const { backend, read, readings, submits } = scripted();
  const onSilence = vi.fn();
  watchReads(backend, onSilence);
  const { queue } = backend.device;
  const seconds = (count: number) => vi.advanceTimersByTimeAsync(1000 * count);
  await seconds(500);
  const first = read();
  await seconds(119);
  queue.submit([{} as GPUCommandBuffer]);
  submits.shift()?.();
  await seconds(119);
  // It finishes none of these.
  queue.submit([]);
  queue.submit([{} as GPUCommandBuffer]);
  readings[0]?.resolve(new ArrayBuffer(4));
  await first;
  await seconds(500);
  expect(onSilence).not.toHaveBeenCalled();

  read();
  await seconds(119);
  expect(onSilence).not.toHaveBeenCalled();
  await seconds(500);
  expect(onSilence.mock.calls).toEqual([[120]]);
});
