import { describe, expect, it } from "vitest";
import { inkPoints, withOwnPoint } from "../../../../../src/app/features/plane/ownPoints.ts";
import {
  nearestPoint,
  type PlaneColors,
  type PlaneScene,
  paintPlane,
  pointsAt,
} from "../../../../../src/app/features/plane/planePicture.ts";
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

  it("are not drawn beyond the edge of the picture", () => {
    expect(withOwnPoint(CONFIG, [3.1, 0], 0)).toBe(CONFIG);
    expect(withOwnPoint(CONFIG, [0, -4.5], 0)).toBe(CONFIG);
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

const COLORS: PlaneColors = {
  text: "learned",
  ground: "ground",
  data: ["data"],
  particles: "particles",
  exact: "exact",
  more: "more",
  fewer: "fewer",
  error: "error",
  oneStep: "oneStep",
  before: "before",
};

/** Lines from one place to the next, and squares, of a picture that is `SIZE` wide. */
function painted(scene: Partial<PlaneScene>) {
  const lines: { color: string; from: [number, number]; to: [number, number] }[] = [];
  const squares: { color: string; x: number; y: number }[] = [];
  let at: [number, number] = [0, 0];
  const context = {
    fillStyle: "",
    strokeStyle: "",
    globalAlpha: 1,
    lineWidth: 1,
    beginPath() {},
    stroke() {},
    arc() {},
    fill() {},
    moveTo(x: number, y: number) {
      at = [x, y];
    },
    lineTo(x: number, y: number) {
      lines.push({ color: this.strokeStyle, from: at, to: [x, y] });
      at = [x, y];
    },
    fillRect(x: number, y: number) {
      squares.push({ color: this.fillStyle, x, y });
    },
  };
  const whole: PlaneScene = {
    data: DATA,
    drawn: null,
    oneStep: null,
    before: null,
    isWalk: false,
    layers: [],
    frame: 0,
    picked: null,
    ...scene,
  };
  paintPlane(context as unknown as CanvasRenderingContext2D, SIZE, whole, COLORS);
  return { lines, squares };
}

const SIZE = 600;
/** One point, to which all exact arrows lead. */
const DATA = { points: Float32Array.of(0, 2), labels: Uint8Array.of(0) };
const LEVELS = [
  { signal: 0.2, noise: 0.9 },
  { signal: 1, noise: 0 },
];

describe("the picture", () => {
  /** A network that answers everywhere with this place. */
  const drawnOf = (x: number, y: number) => {
    const starts = Float32Array.from({ length: 2 * 17 ** 2 }, (_, i) => (i % 2 === 0 ? x : y));
    const frames = [Float32Array.of(0, 0), Float32Array.of(0, 2)];
    return { levels: LEVELS, frames, starts: [starts, null] };
  };
  /** Of the arrow in the middle: its shaft comes first. */
  const middle = (lines: ReturnType<typeof painted>["lines"], color: string) => {
    const own = lines.filter((line) => line.color === color);
    const { from, to } = own.find(
      ({ from: [x0, y0], to: [x1, y1] }) =>
        Math.abs((x0 + x1) / 2 - SIZE / 2) < 1 && Math.abs((y0 + y1) / 2 - SIZE / 2) < 1,
    ) as (typeof own)[number];
    return [to[0] - from[0], to[1] - from[1]] as const;
  };

  it("has arrows that point to where the points are predicted, the exact ones on the same scale", () => {
    const layers = ["arrows", "exact"] as const;
    const equal = painted({ drawn: drawnOf(0, 2), layers }).lines;
    const [x, y] = middle(equal, "learned");
    expect(x).toBeCloseTo(0, 3);
    // Up.
    expect(y).toBeLessThan(-5);
    const [exactX, exactY] = middle(equal, "exact");
    expect(exactX).toBeCloseTo(x, 3);
    expect(exactY).toBeCloseTo(y, 3);
    // Where the network is wrong, its arrow is half as long as the exact one if its place is half as far.
    const half = painted({ drawn: drawnOf(0, 1), layers }).lines;
    expect(middle(half, "learned")[1] / middle(half, "exact")[1]).toBeCloseTo(0.5, 3);
  });

  it("has the exact answer of each noise level", () => {
    const data = { points: Float32Array.of(-1, 0, 1, 0), labels: Uint8Array.of(0, 0) };
    const numWrong = (level: (typeof LEVELS)[number]) => {
      const drawn = { ...drawnOf(0, 0), levels: [level, { signal: 1, noise: 0 }] };
      return painted({ data, drawn, layers: ["error"] }).squares.length;
    };
    // With little noise an answer of the middle is wrong nearly everywhere, and with nothing but noise it is right.
    expect(numWrong({ signal: 1, noise: 0.1 })).toBeGreaterThan(200);
    expect(numWrong({ signal: 0.001, noise: 1 })).toBeLessThan(10);
  });

  it("has the points of one step, over those from before straightening", () => {
    const before = { frames: [], oneStep: Float32Array.of(-1, 0) };
    const { squares } = painted({ oneStep: Float32Array.of(1, 0), before, layers: ["oneStep"] });
    const [, was, is] = squares;
    expect(was?.color).toBe("before");
    expect(was?.x).toBeCloseTo(SIZE / 3, -1);
    expect(is?.color).toBe("oneStep");
    expect(is?.x).toBeCloseTo((2 * SIZE) / 3, -1);
  });

  it("says where too many points lie, and where too few", () => {
    const drawn = drawnOf(0, 0);
    const { squares } = painted({ drawn, layers: ["density"], frame: 0 });
    const [more] = squares.filter(({ color }) => color === "more");
    const [fewer] = squares.filter(({ color }) => color === "fewer");
    // Drawn is the middle, the data lie above it.
    expect(more?.y).toBeCloseTo(SIZE / 2, 0);
    expect(fewer?.y).toBeLessThan(SIZE / 4);
  });
});
