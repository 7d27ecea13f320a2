import { describe, expect, it } from "vitest";
import {
  CARD,
  CARD_TILES,
  CONV_TILES,
  convTile,
  firstRung,
  GRADIENT_TILES,
  isSoftware,
  minSubgroupSize,
  SAFE,
  setTuning,
  tilesOf,
  tuningOf,
  tuningOn,
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
    const tuning = { ...SAFE };
    setTuning(device, tuning);
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
  const shape = { kernelSize: 3 };
  const [best, small] = CARD.convTiles[3];

  it("is the best where that makes enough workgroups, else the small one", () => {
    const tileOf = (numOfBest: number) =>
      convTile(CARD, shape, (tile) => (tile === best ? 1 : 2) * numOfBest);
    expect(tileOf(128)).toBe(best);
    expect(tileOf(127)).toBe(small);
  });

  const infoOf = (fields: Partial<GPUAdapterInfo>) => new AdapterInfo(fields);

  it.each(
    CARD_TILES.flatMap(({ vendors, ...tiles }) => vendors.map((vendor) => ({ vendor, tiles }))),
  )("is that of its entry on a card of $vendor", ({ vendor, tiles }) => {
    expect(tuningOn("card", infoOf({ vendor }))).toMatchObject({ convTiles: tiles.convTiles });
  });

  it("is among the candidates, whoever made the card", () => {
    for (const { convTiles, gradientTiles } of [...CARD_TILES, CARD]) {
      for (const size of [1, 3] as const) {
        for (const tile of convTiles[size]) expect(CONV_TILES[size]).toContainEqual(tile);
        expect(GRADIENT_TILES[size]).toContainEqual(gradientTiles[size]);
      }
    }
  });
});

describe("a rung", () => {
  const [card, software] = [
    new AdapterInfo({ vendor: "nvidia" }),
    new AdapterInfo({ architecture: "swiftshader" }),
  ];

  it("is first that of a card, on the processor and only there the safe one", () => {
    expect([card, undefined, software].map(firstRung)).toEqual(["card", "card", "safe"]);
  });

  it("that is safe has no workgroup tiles and no subgroups, and keeps a card as busy", () => {
    const safe = { tiles: "registers", usesSubgroups: false };
    const { minInvocations } = CARD;
    expect(tuningOn("safe", card)).toMatchObject({ ...safe, minInvocations });
    expect(tuningOn("safe", software)).toMatchObject({ ...safe, minInvocations: 512 });
  });
});
