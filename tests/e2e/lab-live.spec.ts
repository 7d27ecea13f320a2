import { MAX_LIVE_STEPS } from "../../src/engine/config/sampling.ts";
import { openView } from "./app.ts";
import { expectNoViolations } from "./axe.ts";
import { DenoisePage, meanDifference } from "./denoisePage.ts";
import { eventsOf } from "./faults.ts";
import { expect, type LabPage, test } from "./labRun.ts";

/** From so many steps on digits wait for Generate. */
const MANY_STEPS = MAX_LIVE_STEPS + 1;

/** Denoise of a network that was trained; without waiting for images. */
async function openRun(lab: LabPage, query: string): Promise<DenoisePage> {
  await lab.goToAddress(`run=${lab.runId}&view=denoise&digits=4&${query}`);
  const app = new DenoisePage(lab.page);
  await expect(app.form).toBeVisible();
  await app.unfold();
  return app;
}

/** Once a student is loaded that comes with the app, Denoise has the steps that its file says. */
async function takeStudent(lab: LabPage, label: string, query: string): Promise<DenoisePage> {
  await lab.goToAddress(query);
  await lab.takeTrainedModel(label);
  await lab.waitForCaption(/^36 digits .*by Quick/);
  return new DenoisePage(lab.page);
}

const FOLLOWS = /the (digits|images) follow as you draw, drag or type/;

test("with few steps digits are there at once, and others as one types; with many steps they wait for Generate", async ({
  lab,
}) => {
  const { page } = lab;
  const app = await openRun(lab, "steps=2");
  await expect(app.form).toContainText(FOLLOWS);
  await app.expectStep("step 2 of 2, finished");
  const ofSeed0 = await app.greys(app.grid);
  const seed = app.form.getByLabel("Seed", { exact: true });
  await seed.fill("7");
  await expect.poll(() => app.greys(app.grid)).not.toEqual(ofSeed0);
  // What was on its way comes first.
  await seed.fill("0");
  await expect.poll(() => app.greys(app.grid)).toEqual(ofSeed0);
  await expect(app.form.getByRole("button", { name: "Generate" })).toHaveCount(0);

  await app.form.getByRole("textbox", { name: "Steps" }).fill(String(MANY_STEPS));
  await expect(app.form).not.toContainText(FOLLOWS);
  await app.expectStep("step 2 of 2, finished");
  const numDrawn = async () => (await eventsOf(page, "sampleStarted")).length;
  const before = await numDrawn();
  await seed.fill("7");
  expect(await app.greys(app.grid)).toEqual(ofSeed0);
  await app.generate();
  await app.expectStep(`step ${MANY_STEPS} of ${MANY_STEPS}, finished`);
  expect(await app.greys(app.grid)).not.toEqual(ofSeed0);
  // Had the typed seed been drawn at once, that would be one drawing more.
  expect(await numDrawn()).toBe(before + 1);
});

test("digits follow each stroke of a drawing, and how much noise it gets", async ({ lab }) => {
  const { page } = lab;
  const app = await takeStudent(lab, "Quick in four steps", "level=0.5&digits=4&scale=1");
  await page.getByRole("link", { name: "Draw with it live" }).click();
  await app.unfold();
  await expect(app.form.getByRole("textbox", { name: "Steps" })).toHaveValue("4");
  await expect(app.image(/^Nothing but noise/)).toBeVisible();
  const pad = app.image(/An empty pad/);
  const box = (await pad.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(0.3, 0.2));
  await page.mouse.down();
  await page.mouse.move(...at(0.7, 0.2), { steps: 4 });
  // Before the pen is lifted.
  await expect(app.grid).toBeVisible();
  const stroke = await app.greys(app.grid);
  await page.mouse.move(...at(0.4, 0.8), { steps: 4 });
  await expect.poll(() => app.greys(app.grid)).not.toEqual(stroke);
  await page.mouse.up();
  const drawn = await app.greys(app.grid);
  const level = app.form.getByRole("slider", { name: "Noise level" });
  await level.press("End");
  await expect.poll(() => app.greys(app.grid)).not.toEqual(drawn);
  await app.form.getByRole("button", { name: "Clear" }).click();
  await expect(app.image(/^Nothing but noise/)).toBeVisible();
});

test("a model that is chosen draws live in its own steps, whatever was typed or linked for others; a link that names it keeps its steps", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  const param = (name: string) => new URL(page.url()).searchParams.get(name);
  const app = await takeStudent(lab, "Quick in one step", "steps=10&sampler=heun&measureSteps=9");
  const steps = app.form.getByRole("textbox", { name: "Steps" });
  await page.getByRole("link", { name: "Play with it live" }).click();
  await app.unfold();
  await expect(steps).toHaveValue("1");
  await expect(page.getByRole("slider", { name: "Place in the plane" })).toBeVisible();
  const params = () => ["steps", "sampler", "measureSteps"].map(param);
  await expect.poll(params).toEqual([null, null, null]);

  // Steps that are typed for this model come back with it, but the link to play opens its own, and they go with the model.
  await steps.fill("50");
  await expect.poll(() => param("steps")).toBe("50");
  await page.reload();
  await app.unfold();
  await expect(app.form.getByLabel("Network")).toContainText("Quick in one step");
  await expect(steps).toHaveValue("50");
  await page.getByLabel("Compare two settings").check();
  await openView(app.page, "train");
  await page.getByRole("link", { name: "Play with it live" }).click();
  await app.unfold();
  await expect(steps).toHaveValue("1");
  await expect(page.getByRole("slider", { name: "Place in the plane" })).toBeVisible();
  await steps.fill("50");
  await openView(app.page, "train");
  await app.button("Forget these weights").click();
  await lab.takeTrainedModel("Quick in four steps");
  await expect(app.button("Forget these weights")).toBeVisible();
  await page.getByRole("link", { name: "Draw with it live" }).click();
  await app.unfold();
  await expect(steps).toHaveValue("4");
  await expect(app.form).toContainText(FOLLOWS);

  const model = "pretrained-quick-1-step.safetensors";
  await lab.goToAddress(`model=${model}&view=denoise&steps=3`);
  await app.unfold();
  await expect(app.form.getByLabel("Network")).toContainText("Quick in one step");
  await expect(steps).toHaveValue("3");
  await app.expectStep("step 3 of 3, finished");
  expect(param("steps")).toBe("3");
});

test("between the corners of a plane one goes with pointer and keys: the digit there is drawn at once", async ({
  lab,
}) => {
  const { page } = lab;
  const app = await openRun(lab, "steps=1&start=plane");
  const plane = page.getByRole("slider", { name: "Place in the plane" });
  const grid = app.image(/^A plane of (digits|images) between four noises/);
  const lens = (words: string) => app.image(new RegExp(`^The (digit|image) ${words}$`));
  await expect(lens("50 % to the right, 50 % down")).toBeVisible();
  await expect(app.form).toContainText("Point anywhere in the plane");

  // At a corner it is the grid's digit.
  const { width, height } = (await plane.boundingBox()) ?? { width: 0, height: 0 };
  await plane.hover({ position: { x: 3, y: height - 3 } });
  const corner = lens("0 % to the right, 100 % down");
  await expect
    .poll(async () => meanDifference(await app.digit(corner, 0), await app.digit(grid, 42)))
    .toBeLessThan(1);
  await plane.click({ position: { x: width - 3, y: 3 } });
  await expect(app.heading).toHaveText(/^(Digit|Image) 7 of 49$/);

  const before = await app.greys(lens("100 % to the right, 0 % down"));
  await plane.focus();
  for (const _ of [1, 2, 3]) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Shift+ArrowDown");
  await expect(plane).toHaveAttribute("aria-valuetext", "85 % to the right, 1 % down");
  await expect.poll(() => app.greys(lens("85 % to the right, 1 % down"))).not.toEqual(before);
  // The steps of the view stay where they are.
  await app.expectStep("step 1 of 1, finished");
  await expectNoViolations(page, "a plane");

  // With many steps there is the grid alone.
  await app.form.getByRole("textbox", { name: "Steps" }).fill(String(MANY_STEPS));
  await expect(plane).toHaveCount(0);
  await app.generate();
  await expect(grid).toHaveAttribute("aria-label", new RegExp(`${MANY_STEPS} steps`));
});

test("one drags the seed, and how much of the second of two digits is in all", {
  tag: "@long",
}, async ({ lab }) => {
  const app = await openRun(lab, "steps=1&start=pair&level=0.3");
  await expect(app.form.getByRole("button", { pressed: true })).toHaveCount(2);
  // On a busy machine its noise is seen first.
  await app.expectStep("step 1 of 1, finished");
  const evenly = await app.greys(app.grid);
  const mix = app.form.getByRole("slider", { name: "Mix" });
  await mix.press("Home");
  await expect.poll(() => app.greys(app.grid)).not.toEqual(evenly);
  const first = await app.greys(app.grid);
  await mix.press("End");
  await expect.poll(() => app.greys(app.grid)).not.toEqual(first);
  await app.form.getByRole("button", { name: "All mixtures" }).click();
  await expect.poll(() => app.greys(app.grid)).toEqual(evenly);
  await app.form.getByRole("slider", { name: "Drag the seed" }).press("ArrowRight");
  await expect(app.form.getByLabel("Seed", { exact: true })).toHaveValue("1");
  await expect.poll(() => app.greys(app.grid)).not.toEqual(evenly);
});
