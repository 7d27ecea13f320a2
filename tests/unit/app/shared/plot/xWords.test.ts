import { describe, expect, it } from "vitest";
import { positionWords, xLabel, xUnit } from "../../../../../src/app/shared/plot/xWords.ts";

const to = (ms: number) => ({ from: 0, to: ms });

describe("the x axis in words", () => {
  it("has time in seconds, minutes or hours, by how much of it is shown", () => {
    expect(xLabel("time", to(90_000), "linear")).toBe("Wall time (s)");
    expect(xLabel("time", to(600_000), "linear")).toBe("Wall time (min)");
    expect(xLabel("time", to(10 * 3_600_000), "linear")).toBe("Wall time (h)");
    expect(xLabel("time", { from: 3_600_000, to: 3_660_000 }, "linear")).toBe("Wall time (s)");
    expect(xUnit("time", to(600_000), "linear")).toBe(60_000);
  });

  it("has time in seconds on a log scale that begins with them", () => {
    expect(xLabel("time", { from: 300, to: 600_000 }, "log")).toBe("Wall time (s)");
    expect(xLabel("time", { from: 180_000, to: 600_000 }, "log")).toBe("Wall time (min)");
  });

  it("has steps and epochs as they are", () => {
    expect(xLabel("step", to(20_000), "linear")).toBe("Training step");
    expect(xLabel("epoch", to(3), "log")).toBe("Epoch");
    expect(xUnit("step", to(20_000), "linear")).toBe(1);
  });

  it("says where the cursor is, by the step and by the axis", () => {
    expect(positionWords(1234, 1234, "step")).toBe("Step 1,234");
    expect(positionWords(1234, 2.6321, "epoch")).toBe("Step 1,234, epoch 2.63");
    expect(positionWords(1234, 125_000, "time")).toBe("Step 1,234, 2 min 5 s");
    expect(positionWords(1234, Number.NaN, "time")).toBe("Step 1,234");
  });
});

it("the epochs of a distillation are phases", () => {
  expect(xLabel("epoch", { from: 0, to: 3 }, "linear", "phase")).toBe("Phase");
  expect(positionWords(1234, 2.6321, "epoch", "phase")).toBe("Step 1,234, phase 2.63");
});
