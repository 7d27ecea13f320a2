import { describe, expect, it } from "vitest";
import {
  deviceWithThreads,
  threadsOfDevice,
  trainingThreads,
} from "../../../../src/runtime/threads/threads.ts";

it("training takes a thread a core, of which a browser tells two processors, and at most four", () => {
  const processors = [1, 2, 3, 4, 6, 8, 16];
  expect(processors.map(trainingThreads)).toEqual([1, 2, 2, 2, 3, 4, 4]);
});

describe("the threads of a run", () => {
  it.each([1, 2, 4, 6])("are told with its device, and read from there: %i", (numThreads) => {
    for (const device of ["WebAssembly SIMD", "WebAssembly"]) {
      expect(threadsOfDevice(deviceWithThreads(device, numThreads))).toBe(numThreads);
    }
  });

  it("are unknown of a graphics card, and of a run that does not say", () => {
    expect(threadsOfDevice("NVIDIA Lovelace, 2 threads")).toBeUndefined();
    expect(threadsOfDevice("WebAssembly")).toBeUndefined();
    expect(threadsOfDevice(undefined)).toBeUndefined();
  });
});
