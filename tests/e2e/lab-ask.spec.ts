import { presetConfig } from "../../src/engine/config/presets.ts";
import { openDraw } from "./denoisePage.ts";
import { expect, type LabPage, test } from "./labRun.ts";

/** With a run of a network with classes that has taken no step yet. */
async function openPageForClasses(lab: LabPage, classes: number) {
  await lab.goToAddress(`preset=tiny&classes=${classes}&samplingTimesteps=2`);
  await tellRunWithClasses(lab, classes, []);
  await lab.unfoldForm();
  await expect(lab.button("Generate")).toBeEnabled();
}

const STEP = { step: 5, epoch: 0, loss: 0.5, gradNorm: 1, learningRate: 0.001 };

/** Nobody reads its digits, so it need not be trained. */
async function tellRunWithClasses(
  lab: LabPage,
  classes: number,
  steps = [{ ...STEP, stepMs: 1, wallTimeMs: 5 }],
) {
  const config = { ...presetConfig("tiny"), classes, samplingTimesteps: 2 };
  await lab.tellRun({ config, steps });
}

test("Train's digits are asked for by a text, by keys and by buttons, each drawn beside the others; a wrong text is told", {
  tag: "@lab",
}, async ({ lab }) => {
  const { page, digits } = lab;
  const panel = page.getByRole("region", { name: "Digits" });
  await openPageForClasses(lab, 10);
  // What is typed stays as the form learns that one can ask, and so does the focus.
  const seed = panel.getByRole("textbox", { name: "Seed" });
  await seed.fill("5");
  await tellRunWithClasses(lab, 10);
  await expect(page.getByLabel("Ask for")).toBeVisible();
  await expect(seed).toBeFocused();
  await expect(seed).toHaveValue("5");
  const generate = lab.button("Generate");
  // One goes through what is asked for, then generates.
  const names = await page
    .locator("form", { has: generate })
    .locator("input, select, button")
    .evaluateAll((fields: HTMLInputElement[]) =>
      fields.map((field) => field.labels?.[0]?.textContent || field.textContent),
    );
  expect(names[0]).toBe("Ask for");
  expect(names.at(-1)).toBe("Generate");
  expect(names.indexOf("Guidance")).toBeLessThan(names.indexOf("0"));
  const columns = () => digits.evaluate((canvas: HTMLCanvasElement) => (canvas.width + 2) / 30);
  const text = page.getByLabel("Number to write");
  await text.fill("2o26");
  await expect(text).toHaveAttribute("aria-invalid", "true");
  await expect(generate).toBeDisabled();
  // In the field the keys are the field's.
  await text.fill("");
  await panel.getByRole("textbox", { name: "Guidance" }).fill("2");
  await text.pressSequentially("2026");
  await lab.waitForCaption(/^“2026” with guidance 2 .*per digit/);
  expect(await columns()).toBe(4);

  // A radio has no use for them.
  await page.getByRole("radiogroup", { name: "Start from" }).getByText("Pure noise").click();
  await page.keyboard.press("7");
  await lab.waitForCaption(/^36 digits of class 7 .*per digit/);
  await page.getByRole("button", { name: "3", exact: true }).click();
  await lab.waitForCaption(/^36 digits of class 3 .*per digit/);
  await page.keyboard.press("a");
  await lab.waitForCaption(/^36 digits with guidance 2 .*per digit/);
  await page.getByLabel("Ask for").selectOption({ label: "A row of each" });
  await generate.click();
  await lab.waitForCaption(/^100 digits by class .*per digit/);
  expect(await columns()).toBe(10);
});

test("a network without classes cannot be asked: there are no fields, and keys draw nothing; one with 47 has a field for the number", {
  tag: "@lab",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.openRun("view=train");
  await lab.unfoldForm();
  await expect(lab.button("Generate")).toBeEnabled();
  await expect(page.getByText("This network was trained without labels")).toBeVisible();
  const caption = (await lab.digits.getAttribute("aria-label")) ?? "";
  await page.getByRole("heading", { name: "Digits" }).click();
  await page.keyboard.press("7");
  await expect(page.getByLabel("Ask for")).toBeHidden();
  await expect(lab.digits).toHaveAccessibleName(caption);

  await openPageForClasses(lab, 47);
  await tellRunWithClasses(lab, 47);
  await page.getByLabel("Ask for").selectOption({ label: "One class" });
  const label = page.getByLabel("Class", { exact: true });
  await label.fill("47");
  await expect(page.getByText("0 to 46, not 47")).toBeVisible();
  await label.fill("46");
  await lab.button("Generate").click();
  await lab.waitForCaption(/^36 images of class 46 .*per digit/);
});

test("a link that asks a network without classes for a digit shows the noise, and says why it cannot", {
  tag: "@lab",
}, async ({ lab }) => {
  const app = await openDraw(lab, "classes=0&ask=class&label=7");
  await expect(app.form.getByText(/^This network was trained without labels/)).toBeVisible();
  const { greys } = await app.greys(app.image(/^Pure noise of this seed/));
  expect(new Set(greys).size).toBeGreaterThan(200);
});

test("Denoise asks for a text with two guidance scales side by side, by the address as well, and for a digit by its key", {
  tag: "@lab",
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
  await app.form.getByRole("textbox", { name: "Guidance" }).first().fill("0");
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
