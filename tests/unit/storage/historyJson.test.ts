import { describe, expect, it } from "vitest";
import { historyFromJson, historyToJson } from "../../../src/storage/historyJson.ts";
import { epochReport, stepReport } from "../train/exampleHistory.ts";

describe("a metric history as JSON", () => {
  it("comes back as it was, with and without the memory of its steps", () => {
    const history = {
      steps: [stepReport(1), { ...stepReport(2), memoryBytes: 343_324 }],
      epochs: [epochReport(1)],
    };
    expect(historyFromJson(historyToJson(history))).toEqual(history);
  });
});
