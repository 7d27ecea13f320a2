import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { nudgeReads } from "../../../../../src/engine/ops/webgpu/reads.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A backend whose readings end when they are told to. */
function nudged() {
  const submit = vi.fn();
  const readings: { resolve(bytes: ArrayBuffer): void; reject(error: Error): void }[] = [];
  const backend = {
    device: { queue: { submit } },
    getBufferData: () =>
      new Promise((resolve, reject) => {
        readings.push({ resolve, reject });
      }),
  } as unknown as WebGPUBackend;
  nudgeReads(backend);
  const read = () => backend.getBufferData({} as GPUBuffer);
  const numSubmitsIn = async (ms: number) => {
    submit.mockClear();
    await vi.advanceTimersByTimeAsync(ms);
    return submit.mock.calls.length;
  };
  return { read, readings, submit, numSubmitsIn };
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
