import { describe, expect, it } from "vitest";
import {
  type FaultHistory,
  type FaultResponse,
  halved,
  recentLosses,
  responseTo as respondTo,
} from "../../../../../src/app/state/client/faultPolicy.ts";
import { newRun, type Run } from "../../../../../src/app/state/slices/run.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";

const CONFIG = presetConfig("tiny");

function runWith(changes: Partial<Run> = {}, microBatchSize = 8, numThreads = 1): Run {
  return {
    ...newRun({ runId: "a", name: "Run", dataset: { id: "mnist", name: "MNIST" }, config: CONFIG }),
    status: "training",
    checkpointStep: 120,
    size: {
      numParameters: 1,
      stepsPerEpoch: 10,
      totalSteps: 10,
      startedFrom: null,
      microBatchSize,
      numThreads,
    },
    ...changes,
  };
}

const history = (changes: Partial<FaultHistory> = {}): FaultHistory => ({
  run: runWith(),
  maxMicroBatch: null,
  lossesMs: [1],
  numStartLosses: 0,
  rung: "card",
  ...changes,
});
/** Where the device stays on its rung. */
const responseTo = (...of: Parameters<typeof respondTo>) => respondTo(...of) as FaultResponse;
const lost = { cause: "deviceLost", message: "The graphics device was lost." } as const;
const full = { cause: "outOfMemory", message: "No room for 1 GB." } as const;
const error = { cause: "error", message: "boom" } as const;

describe("a lost device", () => {
  it("is started anew, and the run goes on from its checkpoint", () => {
    const recovery = responseTo(lost, history());
    expect(recovery).toMatchObject({ maxMicroBatch: null, remedies: [] });
    expect(recovery.message).toContain("continues from step 120");
  });

  it("is started anew also while nothing trains, without a word of a run", () => {
    const recovery = responseTo(lost, history({ run: null }));
    expect(recovery.remedies).toEqual([]);
    expect(recovery.message).not.toContain("step");
  });

  it("is given up after the third time, with other ways to go on", () => {
    const recovery = responseTo(lost, history({ lossesMs: [1, 2, 3] }));
    expect(recovery).toMatchObject({ remedies: ["useWasm", "halveMicroBatch"] });
    expect(recovery.message).toContain("3 times in five minutes");
  });

  it("is given up with WebAssembly alone where a pass has one image already", () => {
    const run = runWith({}, 1);
    expect(responseTo(lost, history({ run, lossesMs: [1, 2, 3] })).remedies).toEqual(["useWasm"]);
  });

  it("counts for five minutes", () => {
    expect(recentLosses([0, 1000, 299_999], 300_000)).toEqual([1000, 299_999]);
  });
});

describe("full memory", () => {
  it("halves the images of a pass, and says so", () => {
    const recovery = responseTo(full, history());
    expect(recovery).toMatchObject({ remedies: [], maxMicroBatch: 4 });
    expect(recovery.message).toMatch(
      /4 images at once instead of 8, which does not change what is learned/,
    );
  });

  it("counts the passes of all threads in words", () => {
    const recovery = responseTo(full, history({ run: runWith({}, 8, 2) }));
    expect(recovery.maxMicroBatch).toBe(4);
    expect(recovery.message).toContain("8 images at once instead of 16,");
  });

  it("halves again what was halved before", () => {
    const run = runWith({}, 4);
    expect(responseTo(full, history({ run, maxMicroBatch: 4 })).maxMicroBatch).toBe(2);
  });

  it("has no remedy but WebAssembly for a single image", () => {
    expect(responseTo(full, history({ run: runWith({}, 1) }))).toMatchObject({
      remedies: ["useWasm"],
    });
  });

  it("asks for fewer images where nothing trains", () => {
    const recovery = responseTo(full, history({ run: null }));
    expect(recovery).toMatchObject({ remedies: ["restart", "useWasm"] });
    expect(recovery.message).toContain("fewer images");
  });
});

describe("the ladder", () => {
  const faults = [
    { cause: "refused", message: "" },
    { cause: "wrong", message: "" },
    { cause: "deviceError", message: "" },
    { ...lost, numStartLosses: 2 },
  ] as const;

  it.each(faults)("is gone down, rung by rung, after $cause", ({ cause, message, ...rest }) => {
    const from = (rung: FaultHistory["rung"]) =>
      respondTo({ cause, message }, history({ rung, ...rest }));
    expect(from("card")).toEqual({ rung: "safe", reason: expect.stringContaining("simpler") });
    expect(from("safe")).toEqual({ rung: "wasm", reason: expect.stringContaining("WebAssembly") });
    for (const rung of ["wasm", null] as const) expect(from(rung)).not.toHaveProperty("rung");
  });

  it("is not gone down by a device that is lost once as training begins", () => {
    expect(respondTo(lost, history({ numStartLosses: 1 }))).not.toHaveProperty("rung");
  });
});

describe("any other fault", () => {
  it("waits for the person, who may resume what was trained", () => {
    expect(responseTo(error, history())).toMatchObject({
      message: "boom",
      remedies: ["continueRun", "useWasm"],
    });
    expect(responseTo(error, history({ run: null, rung: "wasm" })).remedies).toEqual(["restart"]);
  });
});

it.each([
  [9, 4],
  [2, 1],
  [1, null],
])("half of %d images are %j", (size, half) => {
  expect(halved(runWith({}, size), null)).toBe(half);
});
