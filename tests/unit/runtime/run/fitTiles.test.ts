import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { convShapes } from "../../../../src/engine/nn/multiplyAdds.ts";
import { pendingPipelines } from "../../../../src/engine/ops/webgpu/pipelines.ts";
import {
  type AdapterTiles,
  adapterTilesFrom,
  CARD,
  CONV_TILES,
  type ConvTile,
  forceTuning,
  type ProductShape,
  SOFTWARE,
  shapeKey,
  type Tuning,
  tuningOf,
} from "../../../../src/engine/ops/webgpu/tuning.ts";
import { fitTiles } from "../../../../src/runtime/run/fitTiles.ts";
import { startOnFakeGpu } from "../../fakeGpu.ts";

let device: GPUDevice;

beforeAll(async () => {
  ({ device } = (await startOnFakeGpu()).backend);
});

beforeEach(() => {
  forceTuning(device, null);
  globalThis.indexedDB = new IDBFactory();
});

const config = presetConfig("laptop");
/** Of the layers that take most. */
const SHAPE = shapeKey(convShapes(config, 28)[0] as ProductShape);
const fitted = (ofRun: Awaited<ReturnType<typeof fitTiles>> = null) =>
  fitTiles({ config, numImages: 2, ofRun, onProgress: () => {} });

/** What all that is computed takes, in each tuning; and how far it is off. */
function deviceWith(
  msOf: (tuning: Tuning) => number,
  errorOf: (tuning: Tuning) => number,
  idleMs = 0,
) {
  let nowMs = 0;
  let isIdle = true;
  vi.spyOn(GPUComputePassEncoder.prototype, "dispatchWorkgroups").mockImplementation(() => {
    isIdle = false;
    return undefined;
  });
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  const waited = vi.spyOn(device.queue, "onSubmittedWorkDone").mockImplementation(async () => {
    nowMs += isIdle ? idleMs : msOf(tuningOf(device));
    isIdle = true;
    return undefined;
  });
  vi.spyOn(GPUBuffer.prototype, "getMappedRange").mockImplementation(function (this: GPUBuffer) {
    return new Float32Array(this.size / 4).fill(errorOf(tuningOf(device))).buffer;
  });
  return waited;
}

const convTileOf = ({ convTiles }: Tuning) => Object.values(convTiles ?? {})[0];
const isSecond = (tuning: Tuning) => convTileOf(tuning) === CONV_TILES[3][1];

describe("the tiles of a network's convolutions on a graphics card", () => {
  // The first: the others find their programs compiled.
  it("leave a run its programs where a candidate's is refused by the compiler", async () => {
    deviceWith(
      () => 1,
      () => 0,
    );
    const refused = vi.spyOn(device, "createComputePipelineAsync");
    refused.mockRejectedValueOnce(new Error("refused"));
    expect((await fitted())?.tiles.convTiles).toEqual({});
    expect(refused).toHaveBeenCalled();
    expect(pendingPipelines(device)).toEqual([]);
  });

  it("are those that take the least time there, and are used from then on", async () => {
    deviceWith(
      (tuning) => (isSecond(tuning) ? 2 : 3),
      () => 0,
    );
    const chosen = await fitted();
    expect(chosen?.adapter).toBe("fake");
    expect(chosen?.tiles.convTiles[SHAPE]).toEqual(CONV_TILES[3][1]);
    expect(chosen?.tiles.gradientTiles[SHAPE]).toBeNull();
    expect(tuningOf(device)).toEqual({ ...CARD, ...chosen?.tiles });
  });

  it("are the best on paper where none is clearly faster", async () => {
    deviceWith(
      (tuning) => (isSecond(tuning) ? 2.9 : 3),
      () => 0,
    );
    const { convTiles = {}, gradientTiles = {} } = (await fitted())?.tiles ?? {};
    const all = [convTiles, gradientTiles].map((chosen) => Object.values<object | null>(chosen));
    expect(Math.min(...all.map(({ length }) => length))).toBeGreaterThanOrEqual(6);
    expect(all.flat().every((tile) => tile === null)).toBe(true);
  });

  it("are the best on paper where it takes long to notice that the device is idle", async () => {
    deviceWith(
      (tuning) => (isSecond(tuning) ? 50 : 100),
      () => 0,
      100,
    );
    expect((await fitted())?.tiles).toEqual({
      tiles: "workgroup",
      convTiles: {},
      gradientTiles: {},
    });
  });

  it("are none that compute something else than register tiles do", async () => {
    deviceWith(
      (tuning) => (isSecond(tuning) ? 2 : 3),
      (tuning) => (isSecond(tuning) ? 1e-3 : 1e-13),
    );
    expect((await fitted())?.tiles.convTiles[SHAPE]).toBeNull();
  });

  it("are register tiles where all others compute something else", async () => {
    deviceWith(
      () => 1,
      () => Number.NaN,
    );
    expect((await fitted())?.tiles.tiles).toBe("registers");
    expect(tuningOf(device).tiles).toBe("registers");
  });

  it("are tried once, and not longer than two seconds", async () => {
    const waited = deviceWith(
      () => 30,
      () => 0,
    );
    const chosen = await fitted();
    expect(30 * waited.mock.calls.length).toBeLessThan(4000);
    waited.mockClear();
    forceTuning(device, null);
    expect(await fitted()).toEqual(chosen);
    expect(waited).not.toHaveBeenCalled();
  });

  it("are tried for each network, and for each number of images in a pass", async () => {
    const waited = deviceWith(
      () => 1,
      () => 0,
    );
    await fitted();
    const other = { config: presetConfig("assignment"), numImages: 2, onProgress: () => {} };
    const { convTiles = {} } = (await fitTiles(other))?.tiles ?? {};
    expect(Object.keys(convTiles).length).toBeGreaterThan(0);
    expect(convTiles).not.toHaveProperty([SHAPE]);
    for (const isTried of [true, false]) {
      waited.mockClear();
      await fitTiles({ ...other, numImages: 1 });
      expect(waited.mock.calls.length > 0).toBe(isTried);
    }
  });

  it("are the best on paper where the device fails at every trial, of which there are three", async () => {
    const waited = deviceWith(
      () => 1,
      () => 0,
    );
    waited.mockRejectedValue(new Error("lost"));
    for (const isTried of [true, true, true, false]) {
      waited.mockClear();
      forceTuning(device, null);
      expect((await fitted())?.tiles.convTiles).toEqual({});
      expect(tuningOf(device)).toMatchObject(CARD);
      expect(waited.mock.calls.length > 0).toBe(isTried);
    }
  });

  it("are not tried where only what is kept is asked for", async () => {
    const waited = deviceWith(
      () => 1,
      () => 0,
    );
    const request = { config, numImages: 2, isQuick: true, onProgress: () => {} };
    expect((await fitTiles(request))?.tiles.convTiles).toEqual({});
    expect(waited).not.toHaveBeenCalled();
    const chosen = await fitted();
    expect(await fitTiles(request)).toEqual(chosen);
  });

  it("are those of the run that goes on, where it was begun on such a card", async () => {
    const waited = deviceWith(
      () => 1,
      () => 0,
    );
    const convTiles = { [SHAPE]: CONV_TILES[3][2] as ConvTile };
    const ofRun: AdapterTiles = {
      adapter: "fake",
      tiles: { tiles: "workgroup", convTiles, gradientTiles: {} },
    };
    expect(await fitted(ofRun)).toEqual(ofRun);
    expect(tuningOf(device).convTiles?.[SHAPE]).toEqual(CONV_TILES[3][2]);
    expect(waited).not.toHaveBeenCalled();
    forceTuning(device, null);
    expect(await fitted({ ...ofRun, adapter: "other" })).not.toEqual(ofRun);
  });

  it("are not tried on an adapter that computes on the processor", async () => {
    vi.spyOn(device.adapterInfo, "description", "get").mockReturnValue("llvmpipe");
    expect(await fitted()).toBeNull();
    expect(tuningOf(device)).toBe(SOFTWARE);
  });

  it("are known of each run in a worker, also where they are register tiles", async () => {
    deviceWith(
      () => 1,
      () => Number.NaN,
    );
    const chosen = await fitted();
    expect(chosen?.tiles.tiles).toBe("registers");
    expect(await fitted()).toEqual(chosen);
  });

  it("are tried each once, also that which is best on paper", async () => {
    const tried = new Set<ConvTile | null | undefined>();
    deviceWith(
      () => 1,
      ({ convTiles = {} }) => {
        if (SHAPE in convTiles) tried.add(convTiles[SHAPE]);
        return 0;
      },
    );
    await fitted();
    expect(tried.size).toBe(CONV_TILES[3].length);
    expect(tried).toContain(null);
  });
});

describe("tiles that are read", () => {
  const tiles = { tiles: "workgroup", convTiles: { [SHAPE]: CONV_TILES[3][1] }, gradientTiles: {} };
  const chosen = { adapter: "fake", tiles };

  it("are as they were written", () => {
    expect(adapterTilesFrom(JSON.parse(JSON.stringify(chosen)))).toEqual(chosen);
  });

  it.each([
    undefined,
    null,
    "tiles",
    {},
    { ...chosen, adapter: 1 },
    { ...chosen, tiles: { ...tiles, tiles: "other" } },
    { ...chosen, tiles: { ...tiles, convTiles: null } },
    { ...chosen, tiles: { ...tiles, convTiles: { [SHAPE]: { outVectors: 3 } } } },
    { ...chosen, tiles: { ...tiles, gradientTiles: { [SHAPE]: CONV_TILES[3][1] } } },
  ])("are none where this version has no such: %o", (value) => {
    expect(adapterTilesFrom(value)).toBeNull();
  });
});
