import { describe, expect, it } from "vitest";
import { type CardFigures, cardText, type Part } from "../../bench/cardFigures.ts";
import { type DeviceFigures, type TileFigures, tableLine } from "../../bench/device.ts";
import type { EpochFigures } from "../../bench/epoch.ts";
import { kernelFigures, type TimedDispatch } from "../../bench/kernelTimes.ts";
import { figuresWith } from "./figures.ts";

describe("the kernels of steps", () => {
  const dispatch = (kernel: string, boundBytes: number, ms: number): TimedDispatch => ({
    kernel,
    workgroups: "4 x 1 x 1",
    boundBytes,
    ms,
  });

  it("are summed by what they do and at which shape, medians over the steps, the longest first", () => {
    const steps = [1, 5, 2].map((ms) => [
      dispatch("norm", 100, ms),
      dispatch("conv", 100, 10 * ms),
      dispatch("norm", 100, 2 * ms),
      dispatch("norm", 200, ms),
    ]);
    const all = {
      workgroups: "4 x 1 x 1",
      gflops: null,
      gigabytes: null,
      paperMsPerStep: null,
    };
    expect(kernelFigures(steps)).toEqual([
      { ...all, kernel: "conv", boundBytes: 100, dispatches: 1, msPerStep: 20 },
      { ...all, kernel: "norm", boundBytes: 100, dispatches: 2, msPerStep: 6 },
      { ...all, kernel: "norm", boundBytes: 200, dispatches: 1, msPerStep: 2 },
    ]);
  });

  it("have their rates, and what they take on paper, where that was counted", () => {
    const counted = { ...dispatch("conv", 100, 2), flops: 4e9, bytes: 6e6, paperMs: 1 };
    expect(kernelFigures([[counted, { ...counted, ms: 6 }]])).toMatchObject([
      { msPerStep: 8, gflops: 1000, gigabytes: 1.5, paperMsPerStep: 2 },
    ]);
  });

  it("are none without steps", () => {
    expect(kernelFigures([])).toEqual([]);
  });
});

describe("the table of a card", () => {
  const EPOCH: EpochFigures = {
    device: "a card",
    preset: "quick",
    batchSize: 16,
    imagesPerPass: 16,
    numSteps: 50,
    stepMs: 8,
    stepSpreadMs: 0.25,
    epochMs: 32_000,
    imagesPerValidationPass: 100,
    validationPassMs: 20,
    validationPassSpreadMs: 1,
    kernels: [
      {
        ...{ kernel: "conv", workgroups: "4 x 1 x 1", boundBytes: 2e6, dispatches: 3 },
        ...{ msPerStep: 6, gflops: 500, gigabytes: 20, paperMsPerStep: 3 },
      },
      {
        ...{ kernel: "norm", workgroups: "2 x 1 x 1", boundBytes: 1e6, dispatches: 1 },
        ...{ msPerStep: 2, gflops: null, gigabytes: null, paperMsPerStep: null },
      },
    ],
    kernelsFailure: null,
  };
  const TILES: TileFigures[] = [
    { kind: "convTiles", kernelSize: 3, tile: { outVectors: 1, depth: 4 }, stepMs: 7 },
    { kind: "convTiles", kernelSize: 3, tile: { outVectors: 2, depth: 2 }, stepMs: 8 },
    { kind: "convTiles", kernelSize: 1, tile: { outVectors: 2, depth: 4 }, stepMs: 9 },
    { kind: "gradientTiles", kernelSize: 1, tile: { mostOut: 32 }, stepMs: 9 },
    { kind: "gradientTiles", kernelSize: 3, tile: { mostOut: 16 }, stepMs: null },
  ];
  const DEVICE: DeviceFigures = {
    device: "a card",
    batchSize: 16,
    imagesPerPass: 16,
    programs: { count: 90, seconds: 3.5, slowest: "conv|3", slowestSeconds: 3.25 },
    selfTest: { failure: null, seconds: 0.5 },
    submitsPerStep: 2,
    tiles: TILES,
    nextLine: tableLine(TILES, { vendor: "maker" }, "a card"),
  };
  const part = <T>(figures: T | null): Part<T> => ({ figures, failed: [] });
  const times = (stepMs: number) => ({ stepMs, stepSpreadMs: 0.5 });
  const FIGURES: CardFigures = {
    date: "2026-11-28",
    commit: "abc",
    machine: "a processor",
    driver: null,
    seconds: 321.4,
    versions: { node: "22", webgpu: "0.6" },
    adapter: { description: "a card, driver 1.2" },
    presets: {
      quick: {
        device: part(DEVICE),
        benchmark: part(figuresWith({ preset: "quick" })),
        epoch: part(EPOCH),
      },
    },
    later: { preset: "quick", minutes: 9.25, ...part({ ...EPOCH, stepMs: 10 }) },
    torch: part({
      torch: "2.6",
      cuda: "12",
      device: "a card",
      batchSize: 128,
      numSteps: 50,
      parameters: 3_434_017,
      float32: times(40),
      default: times(32),
    }),
  };
  /** The cells of the row that begins with this. */
  const rowOf = (text: string, name: string) => {
    const cells = text.split("\n").map((line) => line.split(" | ").map((cell) => cell.trim()));
    return cells.find(([first]) => first === `| ${name}`)?.slice(1);
  };

  it("has the step of each side and of PyTorch, the epoch, and the share of each kernel", () => {
    const text = cardText(FIGURES);
    expect(text).toContain("a card, driver 1.2");
    expect(rowOf(text, "Quick, as the app trains")).toEqual(["16", "8", "0.250", "2,000", "32 |"]);
    expect(rowOf(text, "Quick, stock TensorFlow.js")?.[1]).toBe("1,986");
    expect(rowOf(text, "Assignment, PyTorch 2.6, float32")?.slice(0, 4)).toEqual([
      "128",
      "40",
      "0.500",
      "3,200",
    ]);
    expect(rowOf(text, "conv")).toEqual(["4 x 1 x 1", "2", "3", "6", "75", "500", "20", "3 |"]);
    expect(rowOf(text, "Quick")).toEqual([
      "16",
      "90",
      "3.50",
      "3.25",
      "conv/3",
      "2",
      "0.500",
      "right |",
    ]);
    expect(text).toContain("8 ms a step at the beginning, 10 ms after 9.25 minutes");
    expect(text).not.toContain("What failed");
  });

  it("has the fastest tiles as a line of the table", () => {
    const [, line = ""] = /```ts\n([\s\S]*?),\n```/.exec(cardText(FIGURES)) ?? [];
    expect(JSON.parse(line)).toMatchObject({
      vendors: ["maker"],
      convTiles: { 3: [{ outVectors: 1, depth: 4 }], 1: [{ outVectors: 2, depth: 4 }] },
      gradientTiles: { 3: { mostOut: 16 }, 1: { mostOut: 32 } },
    });
  });

  it("says what failed, and has the rest", () => {
    const failed = [{ batchSize: 16, sides: "both", failure: "out of memory" } as const];
    const noCuda = { batchSize: 128, sides: "fused", failure: "no CUDA" } as const;
    const kernels = { ...EPOCH, kernels: null, kernelsFailure: "no timestamps" };
    const text = cardText({
      ...FIGURES,
      presets: {
        quick: {
          device: part<DeviceFigures>(null),
          benchmark: { figures: null, failed },
          epoch: part(kernels),
        },
      },
      later: null,
      torch: { figures: null, failed: [noCuda] },
    });
    expect(rowOf(text, "Quick, as the app trains")?.[1]).toBe("8");
    const lines = text.split("\n");
    expect(lines.slice(lines.indexOf("What failed:"))).toEqual([
      "What failed:",
      "- quick, benchmark, batch 16 with stock: out of memory",
      "- quick, kernels: no timestamps",
      "- PyTorch, batch 128: no CUDA",
    ]);
  });
});
