import { LAB_RUN } from "./app.ts";
import { storedInDatabase } from "./faults.ts";
import { expect, test } from "./labRun.ts";

test("a stored run opens with its newest snapshot, to be scrubbed; who points into the loss sees that step's", {
  tag: "@lab",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.openRun("preset=quick");
  await lab.waitForCaption(/^Preview after 600 training steps, denoising step 5 of 5$/);
  const newest = await lab.picture();
  const box = await page.getByRole("img", { name: /^Loss curve, / }).boundingBox();
  if (!box) throw new Error("There is no chart of the loss.");
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
  await lab.waitForCaption(/^The digits after 1\d\d training steps, at the cursor$/);
  expect(await lab.picture()).not.toBe(newest);
  await page.mouse.move(5, 5);
  await lab.waitForCaption(/^Preview after 600 training steps/);
  await expect.poll(() => lab.picture()).toBe(newest);

  await lab.slider.focus();
  await page.keyboard.press("Home");
  await lab.waitForCaption(/denoising step 0 of 5/);
  const noise = await lab.picture();
  await page.keyboard.press("ArrowRight");
  await lab.waitForCaption(/denoising step 1 of 5/);
  expect(new Set([newest, noise, await lab.picture()]).size).toBe(3);
  const { numFrames } = LAB_RUN;
  const { snapshots } = await storedInDatabase(page);
  expect(snapshots.map(({ step }) => step)).toEqual(LAB_RUN.snapshotSteps);
  for (const { pixels, ...snapshot } of snapshots) {
    expect(snapshot).toMatchObject({ count: 16, numFrames });
    expect(pixels).toHaveLength(numFrames * 16 * 28 * 28);
  }
});

test("who wants little motion sees previews when they are finished, and may still scrub", {
  tag: "@lab",
}, async ({ lab }) => {
  const { page } = lab;
  await page.emulateMedia({ reducedMotion: "reduce" });
  await lab.goToAddress("preset=tiny");
  await lab.tellRun({ status: "training" });
  const sampleId = "preview";
  const tellFrame = (index: number) => {
    const pixels = new Uint8Array(16 * 28 * 28).fill(50 * index);
    return lab.tell({ type: "sampleFrame", sampleId, index, pixels, x0: null });
  };
  await lab.tell({
    type: "sampleStarted",
    sampleId,
    trainedSteps: 0,
    origin: "preview",
    start: "noise",
    source: { kind: "run", runId: "run-made" },
    sources: null,
    count: 16,
    timesteps: 4,
    times: [999, 749, 499, 249, -1],
  });
  for (const index of [0, 1, 2, 3]) await tellFrame(index);
  await expect(page.getByRole("region", { name: "Digits" })).toContainText("75 %");
  await lab.waitForCaption(/denoising step 0 of 4/);
  await tellFrame(4);
  await lab.tell({ type: "sampleDone", sampleId, elapsedMs: 1 });
  await lab.waitForCaption(/denoising step 4 of 4$/);
  await lab.slider.focus();
  await page.keyboard.press("ArrowLeft");
  await lab.waitForCaption(/denoising step 3 of 4$/);
});
