import { pressEnter } from "./app.ts";
import { expect, type LabPage, test } from "./labRun.ts";

const rate = ({ page }: LabPage) => page.getByRole("textbox", { name: "Learning rate" });
const tab = ({ page }: LabPage, name: string) =>
  page.getByRole("navigation", { name: "Places" }).getByRole("link", { name });
const lesson = ({ page }: LabPage, title: string) =>
  page.getByRole("listitem", { name: title, exact: true });

test("an experiment sets the settings up, says so, and gives one's own back", async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("preset=tiny&learningRate=0.003");
  await tab(lab, "Lessons").click();
  await expect(page.getByRole("heading", { name: /^Lessons, about ten minutes/ })).toBeVisible();
  const link = lesson(lab, "The learning rate").getByRole("link", { name: "0.008" });
  await expect(link).toHaveAttribute("href", /^\?preset=quick&.*learningRate=0\.008$/);
  await link.click();
  await expect(page.getByText(/^“0\.008” is set up/)).toBeVisible();
  await expect(page.getByRole("radio", { name: "Quick" })).toBeChecked();
  await expect(rate(lab)).toHaveValue("0.008");
  await expect(page).toHaveURL(/preset=quick.*learningRate=0\.008/);

  await tab(lab, "Lessons").click();
  // It was of the form.
  await expect(page.getByText(/^“0\.008” is set up/)).toBeHidden();
  await lesson(lab, "Chance").getByRole("link", { name: "Seed 1" }).click();
  await expect(page.getByRole("textbox", { name: "Seed" }).first()).toHaveValue("1");
  await tab(lab, "Lessons").click();
  // Those that the person had made, not the first experiment's.
  await page.getByRole("button", { name: "Bring them back" }).click();
  await expect(page.getByRole("radio", { name: "Tiny" })).toBeChecked();
  await expect(rate(lab)).toHaveValue("0.003");
});

test("a course's exercise shows the points as it needs them, also after others", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("view=lessons");
  const course = lesson(lab, "MIT 6.S184, labs 1 and 2: the plane");
  const playsLangevin = page.getByRole("radio", { name: "Langevin" });
  await course.getByRole("link", { name: "Lab 1: Langevin dynamics" }).click();
  await expect(page.getByRole("heading", { name: "Two dimensions" })).toBeVisible();
  await expect(playsLangevin).toBeChecked();
  await expect(page.getByRole("combobox", { name: "Points" })).toHaveValue("modes");
  // The place is open already, with another of its views.
  await page
    .getByRole("navigation", { name: "Lessons" })
    .getByRole("link", { name: "Lessons" })
    .click();
  await course.getByRole("link", { name: "Lab 2: flow matching, circles" }).click();
  await expect(playsLangevin).not.toBeChecked();
  await expect(page.getByRole("checkbox", { name: /^Paths/ })).toBeChecked();
  await expect(page.getByRole("checkbox", { name: /^Data/ })).not.toBeChecked();
  await expect(page.getByRole("combobox", { name: "Points" })).toHaveValue("circles");
});

test("an answer is hidden until it is opened, and each view to look at is a click away", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.goToAddress("");
  await page.getByRole("button", { name: "About this page" }).click();
  await page.getByRole("button", { name: "Try an experiment in Lessons" }).click();
  await expect(page.getByText("Show the first steps again")).toBeHidden();
  const guidance = lesson(lab, "Guidance");
  await expect(guidance.getByText(/^Measured: /)).toBeHidden();
  await guidance.getByText("Answer").click();
  await expect(guidance.getByText(/^Measured: The trained model/)).toBeVisible();
  await guidance.getByRole("link", { name: "Quality" }).press("Enter");
  await expect(page).toHaveURL(/view=quality/);
  // The focus was on the link.
  await expect(page.getByRole("main")).toBeFocused();
});

test("while a run trains an experiment changes nothing, and says why", { tag: "@long" }, async ({
  lab,
}) => {
  const { page } = lab;
  await lab.goToAddress("preset=tiny&view=lessons");
  await lab.tellRun({ name: "Busy run", status: "training" });
  await expect(page.getByRole("note")).toHaveText(/“Busy run” is being trained\. Stop it/);
  const link = lesson(lab, "Chance").getByRole("link", { name: "Seed 1" });
  await expect(link).toHaveAttribute("aria-disabled", "true");
  await link.dispatchEvent("click");
  await expect(page).toHaveURL(/view=lessons/);
  await tab(lab, "Train").click();
  await lab.openSettings();
  await expect(page.getByRole("radio", { name: "Tiny" })).toBeChecked();
});

test("an experiment with a trained model loads it", { tag: "@long" }, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("view=lessons");
  const button = lesson(lab, "One step").getByRole("button", { name: "Use the student" });
  await pressEnter(button);
  await expect(page.getByText("Quick in one step is loaded.")).toBeVisible();
  await expect(button).toBeFocused();
  await tab(lab, "Train").click();
  await expect(
    page.getByText(/157,937 parameters.* A student for 1 sampling step\./),
  ).toBeVisible();
  // Its settings are no person's own.
  await tab(lab, "Lessons").click();
  await lesson(lab, "Chance").getByRole("link", { name: "Seed 1" }).click();
  await expect(page.getByText(/^“Seed 1” is set up/)).toBeVisible();
  // An experiment is from scratch: the model, which is a click away, is put away.
  await expect(page.getByText(/It begins with the loaded weights/)).toHaveCount(0);
  await expect(page.getByText("New weights")).toBeVisible();
  await tab(lab, "Lessons").click();
  await expect(page.getByRole("button", { name: "Bring them back" })).toHaveCount(0);
});
