import { presetConfig } from "../../src/engine/config/presets.ts";
import { openView } from "./app.ts";
import { DenoisePage, openDraw } from "./denoisePage.ts";
import { expect, type LabPage, test } from "./labRun.ts";

const STEP = { step: 5, epoch: 0, loss: 0.5, gradNorm: 1, learningRate: 0.001 };

/** Nobody reads its digits, so it need not be trained. */
async function tellRunWithClasses(
  lab: LabPage,
  classes: number,
  steps = [{ ...STEP, stepMs: 1, wallTimeMs: 5 }],
) {
  const config = { ...presetConfig("tiny"), classes, samplingTimesteps: 5 };
  await lab.tellRun({ config, steps });
}

/** With a run whose network has so many classes. */
async function openWithClasses(lab: LabPage, classes: number) {
  await lab.goToAddress(`preset=tiny&classes=${classes}&samplingTimesteps=5`);
  await tellRunWithClasses(lab, classes);
}

test("in Train a number is written as it is typed; in Draw digits are asked for by keys, buttons and rows", async ({
  lab,
}) => {
  const { page, digits } = lab;
  await openWithClasses(lab, 10);
  const columns = (canvas = digits) =>
    canvas.evaluate(({ width }: HTMLCanvasElement) => (width + 2) / 30);
  const text = page.getByLabel("Number to write");
  await text.fill("2o26");
  await expect(text).toHaveAttribute("aria-invalid", "true");
  await text.fill("");
  await text.pressSequentially("2026");
  await lab.waitForCaption(/^“2026” .*per digit/);
  expect(await columns()).toBe(4);

  await openView(page, "denoise");
  const app = new DenoisePage(page);
  await app.generate();
  // A radio has no use for them.
  await app.beginWith("Noise");
  await page.keyboard.press("7");
  await expect(app.image(/^36 digits of class 7 /)).toBeVisible();
  await app.form.getByRole("button", { name: "3", exact: true }).click();
  await expect(app.image(/^36 digits of class 3 /)).toBeVisible();
  await page.keyboard.press("a");
  await expect(app.image(/^36 digits (?!of)/)).toBeVisible();
  await page.getByLabel("Ask for").selectOption({ label: "A row of each" });
  await app.generate();
  expect(await columns(app.image(/^100 digits by class/))).toBe(10);
});

test("a network without classes cannot be asked: there are no fields, and keys draw nothing; one with 47 has a field for the number", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.openRun("view=train");
  await expect(page.getByLabel("Number to write")).toHaveCount(0);
  await openView(page, "denoise");
  const app = new DenoisePage(page);
  await expect(app.button("Generate")).toBeEnabled();
  await page.getByRole("heading", { name: /^One (digit|image)$/ }).click();
  await page.keyboard.press("7");
  await expect(page.getByLabel("Ask for")).toBeHidden();
  await expect(app.image(/^Pure noise of this seed/)).toBeVisible();

  await openWithClasses(lab, 47);
  await openView(page, "denoise");
  await page.getByLabel("Ask for").selectOption({ label: "One class" });
  const label = page.getByLabel("Class", { exact: true });
  await label.fill("47");
  await expect(page.getByText("0 to 46, not 47")).toBeVisible();
  await label.fill("46");
  await app.generate();
  await expect(app.image(/^36 images of class 46 /)).toBeVisible();
});

test("a link that asks a network without classes for a digit shows the noise, and says why it cannot", async ({
  lab,
}) => {
  const app = await openDraw(lab, "classes=0&ask=class&label=7");
  await expect(app.form.getByText(/^This network was trained without labels/)).toBeVisible();
  const { greys } = await app.greys(app.image(/^Pure noise of this seed/));
  expect(new Set(greys).size).toBeGreaterThan(200);
});

test("Denoise asks for a text with two guidance scales side by side, by the address as well, and for a digit by its key", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  const app = await openDraw(
    lab,
    "classes=10&steps=2&stepsB=2&compare=1&ask=text&text=31&scaleB=3",
  );
  const text = app.form.getByLabel("Number to write");
  await expect(text).toHaveValue("31");
  const tops = await app.form
    .getByRole("group", { name: "Draw a digit at once" })
    .getByRole("button")
    .evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().top));
  expect(new Set(tops).size).toBe(1);
  await text.fill("314");
  await app.side("A").getByRole("textbox", { name: "Guidance" }).fill("0");
  await app.generate();
  for (const name of [/^A: “314” .*guidance 0$/, /^B: “314” .*guidance 3$/]) {
    expect((await app.greys(app.image(name))).width).toBe(3 * 30 - 2);
  }
  await expect(page).toHaveURL((url) => url.searchParams.get("text") === "314");

  await app.heading.click();
  await page.keyboard.press("7");
  await expect(app.image(/^B: 36 digits of class 7 .*guidance 3$/)).toBeVisible();
  await expect(app.outcome).toBeVisible();
  // All of one noise, so that the labels alone tell them apart.
  await app.form.getByLabel("Ask for").selectOption({ label: "One to another" });
  await app.generate();
  await app.slider.press("Home");
  const mixtures = app.image(/^A: 36 digits from class 7 to 1/);
  expect(await app.digit(mixtures, 35)).toEqual(await app.digit(mixtures, 0));
});
