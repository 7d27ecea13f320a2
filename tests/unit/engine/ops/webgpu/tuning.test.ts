import { describe, expect, it } from "vitest";
import {
  CARD,
  CONV_TILES,
  convTile,
  forceTuning,
  GRADIENT_TILES,
  gradientTile,
  isSoftware,
  minSubgroupSize,
  shapeKey,
  tilesOf,
  tuningOf,
} from "../../../../../src/engine/ops/webgpu/tuning.ts";

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

describe("the tiles of a convolution", () => {
  const deviceOf = (fields: Partial<GPUAdapterInfo>) =>
    ({ adapterInfo: new AdapterInfo(fields) }) as unknown as GPUDevice;
  const card = deviceOf({ vendor: "nvidia" });
  const sizes = { kernelSize: 3, width: 28, numIn: 32, numOut: 32 };

  it("lie in workgroup memory on a graphics card, and in registers on software adapters", () => {
    expect(tilesOf(card, sizes)).toBe("workgroup");
    expect(tilesOf(deviceOf({ architecture: "swiftshader" }), sizes)).toBe("registers");
  });

  it.each([
    ["the first convolution", { ...sizes, kernelSize: 7, numIn: 1 }],
    ["the last convolution", { ...sizes, kernelSize: 1, numOut: 1 }],
    ["images too wide for the memory", { ...sizes, width: 56 }],
    ["rows that are not whole strips", { ...sizes, width: 12 }],
  ])("lie in registers for %s", (_, of) => {
    expect(tilesOf(card, of)).toBe("registers");
  });

  it("are those of a card where the browser does not say what the device is", () => {
    expect(tilesOf({} as GPUDevice, sizes)).toBe("workgroup");
  });

  it("can be forced for one device", () => {
    const device = deviceOf({ vendor: "nvidia" });
    const tuning = {
      tiles: "registers",
      minChannels: 1,
      minInvocations: 1,
      usesSubgroups: false,
    } as const;
    forceTuning(device, tuning);
    expect(tuningOf(device)).toBe(tuning);
    expect(tuningOf(card)).not.toBe(tuning);
  });
});

describe("subgroups", () => {
  const deviceOf = (info: Partial<GPUAdapterInfo> | undefined, ...features: string[]) =>
    ({
      adapterInfo: info && new AdapterInfo(info),
      features: new Set(features),
    }) as unknown as GPUDevice;

  it("have as many invocations as the adapter says, but Apple's 32, which Metal says late", () => {
    expect(minSubgroupSize(deviceOf({ vendor: "nvidia" }, "subgroups"))).toBe(4);
    expect(minSubgroupSize(deviceOf({ vendor: "apple" }, "subgroups"))).toBe(32);
  });

  it.each([
    ["where the device does not have them", deviceOf({ vendor: "apple" })],
    ["where the browser does not say what the device is", deviceOf(undefined, "subgroups")],
    ["on software adapters", deviceOf({ architecture: "swiftshader" }, "subgroups")],
  ])("are not used %s", (_, device) => {
    expect(minSubgroupSize(device)).toBe(1);
  });
});

describe("a workgroup's tile", () => {
  const shape = { kernelSize: 3, width: 28, numIn: 32, numOut: 32 };
  const [first, last] = [CONV_TILES[3][0], CONV_TILES[3].at(-1)];

  it("is the best on paper where that makes enough workgroups, else the one that makes most", () => {
    const tileOf = (numOfFirst: number) =>
      convTile(CARD, shape, (tile) => (tile === last ? 2 : 1) * numOfFirst);
    expect(tileOf(128)).toBe(first);
    expect(tileOf(127)).toBe(last);
  });

  it("is the one that was chosen for the shape on this adapter, and for no other shape", () => {
    const [, other] = CONV_TILES[3];
    const [, otherGradient] = GRADIENT_TILES[3];
    const tuning = {
      ...CARD,
      convTiles: { [shapeKey(shape)]: other },
      gradientTiles: { [shapeKey(shape)]: otherGradient },
    } as typeof CARD;
    expect(convTile(tuning, shape, () => 1)).toBe(other);
    expect(gradientTile(tuning, shape)).toBe(otherGradient);
    const wider = { ...shape, numOut: 64 };
    expect(convTile(tuning, wider, () => 128)).toBe(first);
    expect(gradientTile(tuning, wider)).toBe(GRADIENT_TILES[3][0]);
  });
});
