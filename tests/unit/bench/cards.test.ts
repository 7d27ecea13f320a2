import { describe, expect, it } from "vitest";
import { CARDS, predictedMs, predictedStepMs } from "../../bench/cards.ts";
import { type Dispatch, dispatchOf } from "../../bench/dispatch.ts";

const EMPTY: Dispatch = {
  kernel: "kernel",
  shapes: "",
  workgroups: 1_000_000,
  workgroupSize: 64,
  flops: 0,
  bytesRead: 0,
  bytesWritten: 0,
  serialPositions: 1,
};

const M1 = CARDS.M1;

describe("the predicted time of a dispatch", () => {
  it("is that of its arithmetic at the card's peak", () => {
    // 2.6 TFLOP/s, as Apple has it.
    expect(predictedMs("M1", { ...EMPTY, flops: 2.6e12 }) / 1000).toBeCloseTo(1, 1);
  });

  it("is that of the bytes read and written, where these take longer", () => {
    const dispatch = { ...EMPTY, flops: 1e9, bytesRead: 5e9, bytesWritten: 1e9 };
    expect(predictedMs("M1", dispatch)).toBeCloseTo(6000 / M1.bandwidth, 6);
  });

  it("is at least that of any dispatch", () => {
    expect(predictedMs("M1", EMPTY)).toBe(M1.dispatchUs / 1000);
  });

  it("is as much longer as invocations are missing to fill the card", () => {
    const full = { ...EMPTY, workgroups: 32, bytesRead: 1e9 };
    expect(predictedMs("M1", full)).toBeCloseTo(1000 / M1.bandwidth, 6);
    expect(predictedMs("M1", { ...full, workgroups: 8 })).toBeCloseTo(4000 / M1.bandwidth, 6);
  });
});

it("the predicted time of a step is that of its dispatches and copies", () => {
  const dispatches = [EMPTY, { ...EMPTY, bytesRead: 1e9 }];
  const copies = [4, 1e9];
  const ofDispatches = predictedMs("M1", EMPTY) + 1000 / M1.bandwidth;
  expect(predictedStepMs("M1", { microBatchSize: 1, dispatches, copies })).toBeCloseTo(
    ofDispatches + 0.003 + 2000 / M1.bandwidth,
    6,
  );
});

describe("the work of a dispatch", () => {
  const [a, b] = [
    { dataId: {}, shape: [4, 8] },
    { dataId: {}, shape: [8] },
  ];
  const facts = {
    kernel: "kernel",
    workgroups: 1,
    workgroupSize: 64,
    inputs: [a, b],
    outputs: [b],
  };

  it("follows from shapes: four bytes for each number, and some operations for each of the largest tensor", () => {
    expect(dispatchOf(facts)).toEqual({
      kernel: "kernel",
      workgroups: 1,
      workgroupSize: 64,
      shapes: "[4,8] [8] to [8]",
      flops: 320,
      bytesRead: 160,
      bytesWritten: 32,
      serialPositions: 1,
    });
  });

  it("is what the program says, where it says more", () => {
    const said = { flops: 7, serialPositions: 32, unreadBytes: 100 };
    expect(dispatchOf({ ...facts, ...said })).toMatchObject({
      flops: 7,
      serialPositions: 32,
      bytesRead: 60,
    });
  });
});
