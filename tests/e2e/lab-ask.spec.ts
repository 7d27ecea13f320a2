import { presetConfig } from "../../src/engine/config/presets.ts";
import { expect, type LabPage, test } from "./labRun.ts";

/** The page with a run of a network with classes; nobody reads its digits, so it need not be trained. */
async function openRunWithClasses(lab: LabPage, classes: number) {
  await lab.goToAddress(`preset=tiny&classes=${classes}&samplingTimesteps=2`);
  await expect(lab.button("Generate")).toBeEnabled();
  const step = {
    ...{ step: 5, epoch: 0, loss: 0.5, gradNorm: 1, learningRate: 0.001, stepMs: 1, wallTimeMs: 5 },
  };
  const config = { ...presetConfig("tiny"), classes, samplingTimesteps: 2 };
  await lab.tellRun({ config, steps: [step] });
}

test("Train's digits are asked for by a text, by keys and by buttons, each drawn beside the others; a wrong text is told", {
  tag: "@lab",
}, async ({ lab }) => {
  const { page, digits } = lab;
  await openRunWithClasses(lab, 10);
  const generate = lab.button("Generate");
  const columns = () => digits.evaluate((canvas: HTMLCanvasElement) => (canvas.width + 2) / 30);
  await page.getByLabel("Ask for").selectOption({ label: "A text" });
  const text = page.getByLabel("Text", { exact: true });
  await text.fill("2o26");
  await expect(text).toHaveAttribute("aria-invalid", "true");
  await expect(generate).toBeDisabled();
  // In the field the keys are the field's.
  await text.fill("");
  await text.pressSequentially("2026");
  await page.getByRole("textbox", { name: "Guidance" }).last().fill("2");
  await generate.click();
  await lab.waitForCaption(/^“2026” with guidance 2 .*per digit/);
  expect(await columns()).toBe(4);

  await page.getByRole("heading", { name: "Digits" }).click();
  await page.keyboard.press("7");
  await lab.waitForCaption(/^36 digits of class 7 .*per digit/);
  await page.getByRole("button", { name: "3", exact: true }).click();
  await lab.waitForCaption(/^36 digits of class 3 .*per digit/);
  await page.keyboard.press("a");
  await lab.waitForCaption(/^36 digits with guidance 2 .*per digit/);
  await page.getByLabel("Ask for").selectOption({ label: "A row of each digit" });
  await generate.click();
  await lab.waitForCaption(/^100 digits by class .*per digit/);
  expect(await columns()).toBe(10);
});

test("a network without classes cannot be asked: there are no fields, and keys draw nothing; one with 47 has a field for the number", {
  tag: "@lab",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("preset=tiny&samplingTimesteps=2");
  await expect(lab.button("Generate")).toBeEnabled();
  await page.getByRole("heading", { name: "Digits" }).click();
  await page.keyboard.press("7");
  await expect(page.getByLabel("Ask for")).toBeHidden();
  await lab.waitForCaption(/^Pure noise\. /);

  await openRunWithClasses(lab, 47);
  await page.getByLabel("Ask for").selectOption({ label: "One class" });
  const label = page.getByLabel("Class", { exact: true });
  await label.fill("47");
  await expect(page.getByText("0 to 46, not 47")).toBeVisible();
  await label.fill("46");
  await lab.button("Generate").click();
  await lab.waitForCaption(/^36 digits of class 46 .*per digit/);
});
