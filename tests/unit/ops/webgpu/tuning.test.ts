import { describe, expect, it } from "vitest";
import { isSoftware } from "../../../../src/ops/webgpu/tuning.ts";

/** As in a browser: the fields are getters of the prototype, which a spread does not copy. */
class AdapterInfo implements GPUAdapterInfo {
  readonly __brand = "GPUAdapterInfo";
  readonly #fields: Partial<GPUAdapterInfo>;
  constructor(fields: Partial<GPUAdapterInfo>) {
    this.#fields = fields;
  }
  get vendor() {
    return this.#fields.vendor ?? "";
  }
  get architecture() {
    return this.#fields.architecture ?? "";
  }
  get device() {
    return this.#fields.device ?? "";
  }
  get description() {
    return this.#fields.description ?? "";
  }
  get isFallbackAdapter() {
    return this.#fields.isFallbackAdapter ?? false;
  }
  get subgroupMinSize() {
    return 4;
  }
  get subgroupMaxSize() {
    return 128;
  }
}

describe("an adapter", () => {
  it.each([
    { isFallbackAdapter: true },
    { vendor: "google", architecture: "swiftshader" },
    { vendor: "mesa", description: "llvmpipe (LLVM 19.1.7, 256 bits)" },
    { vendor: "microsoft", description: "Microsoft Basic Render Driver" },
  ])("that computes on the processor is known as such: %o", (fields) => {
    expect(isSoftware(new AdapterInfo(fields))).toBe(true);
  });

  it.each([
    { vendor: "apple", architecture: "metal-3" },
    { vendor: "nvidia", architecture: "hopper", description: "NVIDIA H100" },
    { vendor: "intel", architecture: "gen-12lp" },
  ])("of a graphics card is none: %o", (fields) => {
    expect(isSoftware(new AdapterInfo(fields))).toBe(false);
  });
});
