import { expect, it } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { previewStarted } from "../../../../src/runtime/run/snapshotEvents.ts";

it("a preview counts the steps of its own training: a student's are not its teacher's", () => {
  const startedFrom = { fileName: "teacher.safetensors", trainedSteps: 56_250 };
  const trainedSteps = (step: number, distilFrom: number) => {
    const run = { runId: "a", startedFrom, config: { ...presetConfig("quick"), distilFrom } };
    return previewStarted(run, { sampleId: "s", step, count: 1, times: [0, -1] });
  };
  expect(trainedSteps(50, 0)).toMatchObject({ trainedSteps: 56_300 });
  expect(trainedSteps(50, 32)).toMatchObject({ trainedSteps: 50 });
});
