import { expect, it, vi } from "vitest";
import { type PresetName, presetConfig } from "../../../../src/engine/config/presets.ts";
import { MEMORY_BUDGET_BYTES } from "../../../../src/engine/train/memory.ts";
import { RunRecorder } from "../../../../src/runtime/run/runRecorder.ts";
import { imagesFile, labelsFile, pair } from "../../engine/data/idxBytes.ts";
import { provideFakeGpu } from "../../fakeGpu.ts";
import { emptyWorker } from "./startedWorker.ts";

// Of 3,400,000 start values those of chance take seconds, and nothing computes with them.
vi.mock("../../../../src/engine/nn/parameters.ts", async (original) => {
  const real = await original<typeof import("../../../../src/engine/nn/parameters.ts")>();
  const initialValues: typeof real.initialValues = (specs) =>
    new Float32Array(real.totalElements(specs));
  return { ...real, initialValues };
});

// A device that computes nothing could not prove itself.
vi.mock("../../../../src/engine/train/deviceCheck.ts", async (original) => ({
  ...(await original<object>()),
  checkDevice: vi.fn(),
}));

/** What our programs' uniforms take besides the buffers of the backend. */
const UNIFORM_BYTES = 1e5;

/** A worker on a device that computes nothing, with 480 images to train on and 200 for validation. */
async function workerOnGpu() {
  const account = provideFakeGpu();
  const { startBackend } = await vi.importActual<
    typeof import("../../../../src/hosts/worker/backend.ts")
  >("../../../../src/hosts/worker/backend.ts");
  // What is read from the device for it is memory, too; to encode it would take most of the time.
  vi.spyOn(RunRecorder.prototype, "save").mockResolvedValue();
  const worker = emptyWorker();
  worker.startBackend.mockImplementation(startBackend);
  worker.handle({ type: "init", backend: "webgpu" });
  worker.load("images", [
    ...pair("train", imagesFile(480), labelsFile(480)),
    ...pair("validation", imagesFile(200), labelsFile(200)),
  ]);
  expect(await worker.event("backendReady")).toMatchObject({ report: { backend: "webgpu" } });
  await worker.event("datasetReady");
  return { worker, account };
}

it("training, validation, previews and samples stay within the budget, run after run", async () => {
  const { worker, account } = await workerOnGpu();
  for (const [preset, batchSize, epochs] of [
    ["assignment", 128, 2],
    ["assignment", 100, 2],
    ["laptop", 128, 2],
  ] as [PresetName, number, number][]) {
    const runId = `${preset} ${batchSize}`;
    const changes = { batchSize, epochs, previewTimesteps: 2, checkpointMinutes: 0 };
    const config = { ...presetConfig(preset), ...changes };
    account.peakBytes = account.bytes;
    worker.handle({ type: "train", runId, name: "", preset, config, maxMicroBatch: null });
    // Its last batch is a short one; a preview is drawn meanwhile.
    await worker.event("epoch", (e) => e.runId === runId);
    worker.sample(runId, { count: 32 });
    await worker.event("sampleDone", worker.isOf(runId));
    await worker.status(runId, "finished");
    const told = worker
      .allOf("steps")
      .flatMap((e) => (e.runId === runId ? e.steps : []))
      .map(({ memoryBytes }) => memoryBytes ?? Number.NaN);
    expect(told).toHaveLength(epochs * Math.ceil(480 / batchSize));

    expect(await worker.event("runStarted", (e) => e.runId === runId)).toMatchObject({
      microBatchSize: batchSize,
    });
    expect(account.peakBytes).toBeLessThan(MEMORY_BUDGET_BYTES.webgpu + UNIFORM_BYTES);
    expect(Math.max(...told)).toBeLessThanOrEqual(account.peakBytes);
    expect(Math.max(...told)).toBeGreaterThan(0.9 * account.peakBytes);
    await vi.waitFor(() => expect(account.bytes).toBeLessThan(100e6), 10_000);
  }
});
