import { createRequire } from "node:module";
import { afterEach, describe, expect, it, vi } from "vitest";

/** Each loads the package anew. */
const provideGpu = async () => {
  const { provideGpu } = await import("../../tools/nodeGpu.mjs");
  return provideGpu();
};

afterEach(() => {
  vi.resetModules();
  vi.doUnmock("webgpu");
});

describe("WebGPU in Node", () => {
  it("says how to get the optional package where it is not there", async () => {
    vi.doMock("webgpu", () => {
      throw createRequire(import.meta.url).resolve("there-is-no-such-package");
    });
    await expect(provideGpu()).rejects.toThrow("Install it with `npm install --no-save webgpu`.");
  });

  it("says what a machine without an adapter lacks", async () => {
    vi.doMock("webgpu", () => ({
      create: () => ({ requestAdapter: async () => null }),
      globals: {},
    }));
    await expect(provideGpu()).rejects.toThrow("Dawn found no adapter. It needs a graphics driver");
  });
});
