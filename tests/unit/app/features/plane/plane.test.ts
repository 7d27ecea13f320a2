import { describe, expect, it } from "vitest";
import { inkPoints, withOwnPoint } from "../../../../../src/app/features/plane/ownPoints.ts";
import { nearestPoint, pointsAt } from "../../../../../src/app/features/plane/planePicture.ts";
import type { RunConfig } from "../../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { validateConfig } from "../../../../../src/engine/config/validate.ts";
import { MAX_OWN_POINTS } from "../../../../../src/engine/data/pointSets.ts";

const CONFIG: RunConfig = { ...presetConfig("points"), points: "own" };

describe("a person's own points", () => {
  it("begin anew when they were cleared, and keep a distance within their class", () => {
    const cleared = { ...CONFIG, ownPoints: [0, 0, 0] };
    const one = withOwnPoint(cleared, [1, -0.5], 2);
    expect(one.ownPoints).toEqual([100, -50, 2]);
    expect(withOwnPoint(one, [1.02, -0.5], 2)).toBe(one);
    expect(withOwnPoint(one, [1.02, -0.5], 1).ownPoints).toEqual([100, -50, 2, 102, -50, 1]);
  });

  it("are as many as can be at most, and then none is added", () => {
    let config: RunConfig = { ...CONFIG, ownPoints: [0, 0, 0] };
    for (let i = 0; i < MAX_OWN_POINTS + 20; i++) {
      config = withOwnPoint(config, [(i % 40) / 8 - 2.5, Math.floor(i / 40) / 8], 0);
    }
    expect(config.ownPoints).toHaveLength(3 * MAX_OWN_POINTS);
    expect(validateConfig(config)).toEqual({});
  });

  it("are refused where a number is missing, or a class unknown", () => {
    expect(validateConfig({ ...CONFIG, ownPoints: [1, 2] }).ownPoints).toMatch(/got 2 numbers/);
    expect(validateConfig({ ...CONFIG, ownPoints: [1, 2, 3] }).ownPoints).toBeDefined();
  });

  it("of a digit lie where its ink is", () => {
    const pixels = new Uint8Array(28 * 28);
    pixels[0] = 255;
    pixels[28 * 27 + 27] = 200;
    pixels[28 * 14 + 14] = 20;
    expect(inkPoints(pixels)).toEqual([-251, 251, 0, 251, -251, 0]);
    expect(inkPoints(pixels.fill(255)).length).toBeLessThanOrEqual(3 * MAX_OWN_POINTS);
  });
});

describe("the points of the picture", () => {
  const frames = [Float32Array.of(0, 0, 2, 2), Float32Array.of(1, 0, 2, 0)];

  it("are on the straight line between two frames", () => {
    expect([...pointsAt(frames, 0.25)]).toEqual([0.25, 0, 2, 1.5]);
    expect(pointsAt(frames, 1)).toBe(frames[1]);
  });

  it("are found near the place that was pressed", () => {
    expect(nearestPoint(frames[0] as Float32Array, [1.9, 2.1])).toBe(1);
    expect(nearestPoint(frames[0] as Float32Array, [-2, 1])).toBeNull();
  });
});
