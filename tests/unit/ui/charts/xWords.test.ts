import { describe, expect, it } from "vitest";
import { formatXTick, positionWords, xLabel } from "../../../../src/ui/charts/xWords.ts";

const to = (ms: number) => ({ from: 0, to: ms });

describe("the x axis in words", () => {
  it("has time in seconds, minutes or hours, by its length", () => {
    expect(xLabel("time", to(90_000))).toBe("time, s");
    expect(xLabel("time", to(600_000))).toBe("time, min");
    expect(xLabel("time", to(10 * 3_600_000))).toBe("time, h");
    expect(formatXTick(90_000, "time", to(600_000))).toBe("1.5");
  });

  it("has steps with their thousands, epochs with their parts", () => {
    expect(formatXTick(12_000, "step", to(20_000))).toBe("12,000");
    expect(formatXTick(2.5, "epoch", to(3))).toBe("2.5");
  });

  it("says where the cursor is, by the step and by the axis", () => {
    expect(positionWords(1234, 1234, "step")).toBe("Step 1,234");
    expect(positionWords(1234, 2.6321, "epoch")).toBe("Step 1,234, epoch 2.63");
    expect(positionWords(1234, 125_000, "time")).toBe("Step 1,234, 2 min 5 s");
    expect(positionWords(1234, Number.NaN, "time")).toBe("Step 1,234");
  });
});
