import { describe, expect, it } from "vitest";
import { historyFromJson, historyToJson } from "../../../src/storage/historyJson.ts";
import { epochReport, qualityFigures, stepReport } from "../train/exampleHistory.ts";

describe("a metric history as JSON", () => {
  it("comes back as it was, with and without the memory of its steps", () => {
    const history = {
      steps: [stepReport(1), { ...stepReport(2), memoryBytes: 343_324 }],
      epochs: [epochReport(1)],
    };
    expect(historyFromJson(historyToJson(history))).toEqual(history);
  });

  it("comes back with what was measured of its epochs, and of those that were not, with nothing", () => {
    const quality = qualityFigures();
    const history = { steps: [], epochs: [epochReport(1), epochReport(2, { quality })] };
    const read = historyFromJson(historyToJson(history));
    expect(read).toEqual(history);
    expect(read.epochs.map((epoch) => "quality" in epoch)).toEqual([false, true]);
  });

  it.each([
    ["no figures", { quality: 3 }],
    ["a figure missing", { quality: { ...qualityFigures(), frechetDistance: undefined } }],
    ["a figure that is text", { quality: { ...qualityFigures(), meanConfidence: "0.9" } }],
    ["no class counts", { quality: { ...qualityFigures(), classCounts: undefined } }],
    ["a class short", { quality: { ...qualityFigures(), classCounts: [1, 2, 3] } }],
    ["no nearest images", { quality: { ...qualityFigures(), nearest: undefined } }],
  ])("is refused with %s in what was measured", (_, changes) => {
    const text = JSON.stringify({ steps: [], epochs: [{ ...epochReport(1), ...changes }] });
    expect(() => historyFromJson(text)).toThrow(/damaged/);
  });

  it("keeps nothing of what was measured that it does not know", () => {
    const quality = { ...qualityFigures(), more: 1 };
    const text = JSON.stringify({ steps: [], epochs: [{ ...epochReport(1), quality }] });
    expect(historyFromJson(text).epochs).toEqual([epochReport(1, { quality: qualityFigures() })]);
  });
});
