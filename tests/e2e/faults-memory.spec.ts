import { expect, test } from "@playwright/test";
import { computeNothing } from "../gpu/computeNothing.ts";
import { inFull } from "../inFull.ts";
import { AppPage } from "./app.ts";
import {
  beforeWorker,
  beProven,
  eventsOf,
  notices,
  SMALL,
  withoutFirstDigits,
  workerOf,
} from "./faults.ts";

// A software adapter takes its time.
test.setTimeout(300_000);

const NUM_STEPS = 3;
/** What half as many images at once make of the losses is computed in the long form only. */
const DEVICE = inFull ? [limitMemory] : [computeNothing, beProven, limitMemory];

test("out of graphics memory, the run goes on with half as many images at once and the same losses", async ({
  page,
}) => {
  const app = new AppPage(page);
  await withoutFirstDigits(page);
  await beforeWorker(page, DEVICE, Number.MAX_SAFE_INTEGER);
  const settings = `?backend=webgpu&${SMALL}&batchSize=4&epochs=10000`;
  await app.openWithFewImages(settings);
  await app.train.click();
  await app.waitForSteps(NUM_STEPS);
  const expected = (await app.losses()).slice(0, NUM_STEPS);
  const peakBytes = await workerOf(page).evaluate(() => self.peakBytes);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");

  // The whole batch no longer fits, half of it does.
  await beforeWorker(page, DEVICE, Math.floor(0.8 * peakBytes));
  await app.openWithFewImages(settings);
  await app.train.click();
  const notice = notices(page);
  // The long form compiles every program first.
  await expect(notice).toContainText("Memory is full", { timeout: 120_000 });
  await expect(notice).toContainText("Now 2 images at once instead of 4");
  await expect(page.getByText("2 images at once").first()).toBeVisible();
  await expect.poll(async () => (await eventsOf(page, "runStarted")).length).toBe(2);
  await app.waitForSteps(NUM_STEPS);
  const starts = await eventsOf(page, "runStarted");
  expect(starts.map((event) => event.microBatchSize)).toEqual([4, 2]);
  await expect.poll(async () => (await stepsSinceStart(app)).length).toBeGreaterThanOrEqual(3);
  const steps = await stepsSinceStart(app);
  for (let i = 0; i < NUM_STEPS; i++) {
    expect(steps[i]?.step).toBe(i + 1);
    const error = Math.abs((steps[i]?.loss ?? 0) - (expected[i] as number));
    if (inFull) expect(error / (expected[i] as number)).toBeLessThan(1e-4);
  }
});

async function stepsSinceStart({ page }: AppPage) {
  const events = await page.evaluate(() => window.recordedEvents);
  const start = events.findLastIndex(({ type }) => type === "runStarted");
  return events.slice(start).flatMap((event) => (event.type === "steps" ? event.steps : []));
}

/**
 * Runs in the worker, before its own script: beyond as many bytes of buffers, it asks for one that
 * the device really has no room for.
 */
function limitMemory(limitBytes: number) {
  self.peakBytes = 0;
  let liveBytes = 0;
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function (descriptor) {
    const { maxBufferSize } = this.limits;
    const requiredLimits = { ...descriptor?.requiredLimits, maxBufferSize };
    return requestDevice.call(this, { ...descriptor, requiredLimits });
  };
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const isCounted = (descriptor.usage & GPUBufferUsage.STORAGE) !== 0;
    const isOver = isCounted && liveBytes + descriptor.size > limitBytes;
    const size = isOver ? this.limits.maxBufferSize : descriptor.size;
    const buffer = createBuffer.call(this, { ...descriptor, size });
    if (!isCounted || isOver) return buffer;
    liveBytes += size;
    self.peakBytes = Math.max(self.peakBytes, liveBytes);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      liveBytes -= size;
      destroy();
    };
    return buffer;
  };
}

declare global {
  interface WorkerGlobalScope {
    peakBytes: number;
  }
  interface Window {
    peakBytes: number;
  }
}
