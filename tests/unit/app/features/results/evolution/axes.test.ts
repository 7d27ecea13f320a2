import { describe, expect, it } from "vitest";
import { evenPlaces, PICTURE } from "../../../../../../src/app/features/results/evolution/Axes.tsx";
import {
  lossAt,
  lossCurve,
  placeOfStep,
  stepOfPlace,
  trainingTicks,
} from "../../../../../../src/app/features/results/evolution/trainingAxis.ts";
import { madeEvolution } from "../../../../../madeEvolution.ts";

const steps = (...of: number[]) => of.map((step) => ({ step }));

describe("the training axis", () => {
  const snapshots = steps(0, 50, 100, 500);

  it("has snapshots evenly, and the steps in line between them", () => {
    expect([0, 25, 50, 300, 500, 900].map((step) => placeOfStep(snapshots, step))).toEqual([
      0, 0.5, 1, 2.5, 3, 3,
    ]);
  });

  it("leads from a place to its step and back", () => {
    expect([-1, 0, 0.5, 2.5, 3, 9].map((place) => stepOfPlace(snapshots, place))).toEqual([
      0, 0, 25, 300, 500, 500,
    ]);
  });

  it("has marks where epochs ended, and numbers on as many as have room", () => {
    const epochs = Array.from({ length: 12 }, (_, i) => ({ epoch: i + 1, step: 10 * (i + 1) }));
    const ends = steps(0, 5, ...epochs.map(({ step }) => step));
    const { unit, ticks } = trainingTicks(ends, epochs, 90);
    expect(unit).toBe("epoch");
    expect(ticks).toHaveLength(12);
    expect(ticks.filter(({ label }) => label)).toEqual([
      { index: 6, label: "5" },
      { index: 11, label: "10" },
    ]);
  });

  it("has the steps before an epoch has ended, as many as have room", () => {
    expect(trainingTicks(steps(0, 50, 100, 1200), [], 170)).toEqual({
      unit: "step",
      ticks: [
        { index: 0, label: "0" },
        { index: 1, label: null },
        { index: 2, label: "100" },
        { index: 3, label: "1,200" },
      ],
    });
  });
});

describe("the pictures of the pad", () => {
  it("are each of another place, where fewer are there than have room", () => {
    expect(evenPlaces(3, 1028)).toEqual([
      { index: 0, at: 14 },
      { index: 1, at: 514 },
      { index: 2, at: 1014 },
    ]);
  });

  it("are at the end where there is but one", () => {
    expect(evenPlaces(1, 1028)).toEqual([{ index: 0, at: 1014 }]);
  });

  it("do not overlap, and show both ends", () => {
    const places = evenPlaces(110, 1300);
    expect(places[0]).toEqual({ index: 0, at: 14 });
    expect(places.at(-1)?.index).toBe(109);
    expect(places.at(-1)?.at).toBeCloseTo(1286);
    for (const [i, { at }] of places.slice(1).entries()) {
      expect(at - (places[i]?.at ?? 0)).toBeGreaterThanOrEqual(PICTURE);
    }
  });
});

describe("the loss above the slider", () => {
  const made = madeEvolution({ numSnapshots: 8, count: 1, numFrames: 1, stepsPerEpoch: 500 });

  it("lies in line with the snapshots, the highest at the top, in few points", () => {
    const curve = lossCurve(made.steps, made.snapshots);
    expect(curve?.points.length).toBeLessThanOrEqual(400);
    expect(curve?.points.at(-1)?.[0]).toBe(1);
    const depths = curve?.points.map(([, y]) => y) ?? [];
    expect([Math.min(...depths), Math.max(...depths)]).toEqual([0, 1]);
    expect(depths[0]).toBe(0);
  });

  it("ends at the newest snapshot", () => {
    const [first, second] = made.snapshots;
    const curve = lossCurve(made.steps, first && second ? [first, second] : []);
    expect(curve?.steps).toHaveLength(50);
    expect(curve && lossAt(curve, 999)).toBe(curve?.losses.at(-1));
  });

  it("is not there before there are two snapshots", () => {
    expect(lossCurve(made.steps, made.snapshots.slice(0, 1))).toBeNull();
    expect(lossCurve([], made.snapshots)).toBeNull();
  });
});
