import { describe, expect, it } from "vitest";
import { decodeSafetensors } from "../../../src/formats/safetensors.ts";
import type { RunFormat } from "../../../src/worker/protocol.ts";
import { decodeRunFile } from "../../../src/worker/runFile.ts";
import { readyWorker } from "./startedWorker.ts";

type Worker = Awaited<ReturnType<typeof readyWorker>>;

async function exported({ handle, event, events }: Worker, format: RunFormat = "run") {
  const from = events.length;
  handle({ type: "exportRun", runId: "run", format });
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

  it("that is not the one in memory is not exported, and the page hears why", async () => {
    const { handle, event } = await readyWorker();
    handle({ type: "exportRun", runId: "other", format: "run" });
    expect((await event("runNotExported")).message).toContain("no storage");
  });
});
