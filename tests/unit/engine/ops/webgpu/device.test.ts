import { describe, expect, it, vi } from "vitest";
import { canEnable, openDevice } from "../../../../../src/engine/ops/webgpu/device.ts";
import { compileAhead, pendingPipelines } from "../../../../../src/engine/ops/webgpu/pipelines.ts";

const noOther = async () => null;

async function opened(features: string[]) {
  const requestDevice = vi.fn(async (asked: GPUDeviceDescriptor) => {
    return { features: new Set(asked.requiredFeatures), limits: asked.requiredLimits };
  });
  const limits = { maxBufferSize: 7, maxStorageBufferBindingSize: 5, maxTextureDimension2D: 3 };
  const adapter = { features: new Set(features), limits, requestDevice };
  return await openDevice(adapter as unknown as GPUAdapter, noOther);
}

describe("the device of an adapter", () => {
  it("has the extensions and the limits that the adapter offers and our programs use", async () => {
    const device = await opened(["subgroups", "timestamp-query", "shader-f16"]);
    expect([...device.features]).toEqual(["subgroups", "timestamp-query"]);
    expect(canEnable(device, "subgroups")).toBe(true);
    expect(device.limits).toMatchObject({ maxBufferSize: 7, maxStorageBufferBindingSize: 5 });
    expect(device.limits).not.toHaveProperty("maxTextureDimension2D");
  });

  it("is opened also where the adapter offers nothing of that", async () => {
    const device = await opened([]);
    expect(device.features.size).toBe(0);
    expect(canEnable(device, "subgroups")).toBe(false);
  });

  it("is a plain one of the adapter found again where all that it offers is refused", async () => {
    const requestDevice = vi.fn(async (asked?: GPUDeviceDescriptor) => {
      if (asked) throw new Error("too much");
      return "plain";
    });
    const adapter = { features: new Set(["subgroups"]), limits: {}, requestDevice };
    const of = (found: unknown) =>
      openDevice(adapter as unknown as GPUAdapter, async () => found as GPUAdapter);
    expect(await of(adapter)).toBe("plain");
    const refusing = { requestDevice: () => Promise.reject(new Error("nothing at all")) };
    for (const found of [null, refusing]) await expect(of(found)).rejects.toThrow("too much");
  });
});

it("what a program enables stands before the rest of its code", async () => {
  const codes: string[] = [];
  vi.stubGlobal("GPUShaderStage", { COMPUTE: 4 });
  const device = {
    pushErrorScope: () => undefined,
    popErrorScope: async () => null,
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createShaderModule: ({ code }: { code: string }) => codes.push(code),
    createComputePipelineAsync: async () => ({}),
  } as unknown as GPUDevice;
  const program = { code: "fn start() {}", numInputs: 1, numOutputs: 1 };
  compileAhead(device, "with", () => ({ ...program, enables: ["subgroups"] }));
  compileAhead(device, "without", () => program);
  await Promise.all(pendingPipelines(device).map(([, compiled]) => compiled));
  expect(codes).toEqual(["enable subgroups;\nfn start() {}", "fn start() {}"]);
  vi.unstubAllGlobals();
});
