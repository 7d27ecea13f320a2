import "fake-indexeddb/auto";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { smallConfig } from "../../engine/train/smallRun.ts";
import { emptyWorker, readyWorker } from "./startedWorker.ts";

const config = smallConfig({ objective: "oneLevel" });

function measure(worker: Awaited<ReturnType<typeof readyWorker>>, requestId: string) {
  worker.handle({ type: "measureLevels", requestId, config });
  return worker.event("levelsMeasured", (event) => event.requestId === requestId);
}

describe("a measurement of noise levels", () => {
  it("answers with pictures and errors, and leaves no tensor, also where another takes its place", async () => {
    const worker = await readyWorker();
    await measure(worker, "warm");
    const { numTensors } = tf.memory();
    void measure(worker, "first");
    const { levels, trainedSteps } = await measure(worker, "second");
    expect(levels.map(({ sigma }) => sigma)).toEqual([0, 0.2, 0.4, 0.5, 0.6, 0.8, 1]);
    expect(trainedSteps).toBe(0);
    expect(tf.memory().numTensors).toBe(numTensors);
    const cancelled = worker.allOf("requestCancelled").map(({ requestId }) => requestId);
    expect(cancelled).toEqual(["first"]);
  });

  it("is refused without images and a backend", async () => {
    const worker = emptyWorker();
    worker.handle({ type: "measureLevels", requestId: "early", config });
    const { message } = await worker.event("requestFailed");
    expect(message).toContain("wait until both are ready");
  });
});
