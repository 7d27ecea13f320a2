import { describe, expect, it } from "vitest";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { decodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { decodeRunFile } from "../../../../src/runtime/files/runFile.ts";
import type { FormatOf } from "../../../../src/runtime/files/runFormats.ts";
import { decodeWeights } from "../../../../src/runtime/files/weightsFile.ts";
import { readyWorker } from "./startedWorker.ts";

type Worker = Awaited<ReturnType<typeof readyWorker>>;

async function exported({ handle, event, events }: Worker, format: FormatOf<"run"> = "run") {
  const from = events.length;
  handle({ type: "exportRun", requestId: "export", runId: "run", format });
  const { files } = await event("runExported", () => true, from);
  return files;
}

async function exportedRun(worker: Worker) {
  const [file] = await exported(worker);
  return decodeRunFile(decodeSafetensors(file?.bytes ?? new Uint8Array()), "imported", () => {});
}

// In Node there is no IndexedDB.
describe("a run that cannot be stored", () => {
  it("is exported while it is trained, with all it has told", async () => {
    const worker = await readyWorker();
    worker.train("run");
    await worker.event("epoch");
    const { record, history } = await exportedRun(worker);
    expect(record.isFinished).toBe(false);
    expect(history.steps.map(({ step }) => step)).toEqual(
      Array.from({ length: record.step }, (_, i) => i + 1),
    );
    const [json] = await exported(worker, "json");
    const { steps } = JSON.parse(new TextDecoder().decode(json?.bytes));
    expect(steps.length).toBeGreaterThanOrEqual(record.step);
  });

  it("is exported when it was stopped", async () => {
    const worker = await readyWorker();
    worker.train("run");
    await worker.event("epoch");
    const numSteps = await worker.stop("run");
    const { record, history } = await exportedRun(worker);
    expect(record).toMatchObject({ step: numSteps, isFinished: false });
    expect(history.steps).toHaveLength(numSteps);
  });

  it("is exported as finished when it has ended by itself", async () => {
    const worker = await readyWorker();
    worker.train("run", { epochs: 2 });
    await worker.status("run", "finished");
    const { record, history } = await exportedRun(worker);
    expect(record).toMatchObject({ numEpochs: 2, isFinished: true, hasStoppedEarly: false });
    expect(history.epochs).toHaveLength(2);
  });

  it("is exported as stopped early, its last step beside the weights of its best epoch", async () => {
    const worker = await readyWorker();
    worker.train("run", { epochs: 50, patience: 1, minGain: 10, learningRate: 0.05 });
    await worker.status("run", "stoppedEarly");
    const losses = worker.allOf("epoch").map(({ epoch }) => epoch.validationLoss);
    expect(losses[1]).toBeGreaterThan(losses[0] ?? Number.NaN);
    const { record, history, checkpoints } = await exportedRun(worker);
    expect(record).toMatchObject({
      isFinished: true,
      hasStoppedEarly: true,
      numEpochs: 2,
      step: 6,
    });
    expect(history.epochs).toHaveLength(2);
    expect(checkpoints.map(({ step }) => step)).toEqual([3, 6]);
    const [best] = checkpoints;
    const { values } = decodeCheckpoint(record.config, best?.bytes ?? new Uint8Array());
    const [file] = await worker.saveWeights({ weights: "raw" });
    expect(decodeWeights(file?.bytes ?? new Uint8Array()).values).toEqual(values);
  });

  it("that is not the one in memory is not exported, and the page hears why", async () => {
    const { handle, event } = await readyWorker();
    handle({ type: "exportRun", requestId: "export", runId: "other", format: "run" });
    expect((await event("requestFailed")).message).toContain("no storage");
  });
});
