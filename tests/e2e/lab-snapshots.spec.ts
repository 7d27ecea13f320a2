import { expect, test } from "./labRun.ts";

test("a stored run opens with its newest snapshot, to be scrubbed; who points into the loss sees that step's", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.openRun("preset=quick");
  await lab.waitForCaption(/^Preview after 600 training steps, denoising step 5 of 5$/);
  const newest = await lab.picture();
  const box = await page.getByRole("img", { name: /^Loss curve, / }).boundingBox();
  if (!box) throw new Error("There is no chart of the loss.");
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
  await lab.waitForCaption(/^The (digits|images) after 1\d\d training steps, at the cursor$/);
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
});
