import type { Page } from "@playwright/test";
import { AppPage, LAB_RUN, openView, pressEnter } from "./app.ts";
import { DenoisePage } from "./denoisePage.ts";
import { expect, LabPage, test } from "./labRun.ts";

const baseWidth = (page: Page) => page.getByRole("textbox", { name: "Base width" });

test("a link brings the set-up to another browser: settings, backend, view and how charts are drawn", async ({
  lab,
  browser,
}) => {
  const { page } = lab;
  await lab.goToAddress("preset=tiny");
  await lab.unfoldSettings();
  await page.getByRole("textbox", { name: "Learning rate" }).fill("0.003");
  await openView(page, "denoise");
  const draw = new DenoisePage(page);
  await draw.unfold();
  await draw.form.getByLabel("Sampler", { exact: true }).selectOption("ancestral");
  await expect(page).toHaveURL(/sampler=ancestral/);
  // Also a tab that is opened beside has the address as it is now.
  const results = page.getByRole("link", { name: "Results" });
  await expect(results).toHaveAttribute("href", /sampler=ancestral/);
  await openView(page, "charts");
  await page.getByText("Epoch", { exact: true }).filter({ visible: true }).click();
  await expect(page).toHaveURL(/x=epoch/);

  const context = await browser.newContext({ serviceWorkers: "block" });
  const other = await context.newPage();
  const there = new LabPage(other);
  await there.skipFirstSteps();
  await there.serveFewImages();
  await other.goto(page.url());
  await expect(other.getByRole("heading", { name: "Charts" })).toBeVisible();
  await expect(other.getByRole("radio", { name: "Epoch" })).toBeChecked();
  await openView(other, "train");
  await expect(other.getByRole("textbox", { name: "Learning rate" })).toHaveValue("0.003");
  await expect(other.getByRole("radio", { name: "Tiny" })).toBeChecked();
  await expect(other.getByRole("button", { name: /WebAssembly/ })).toBeVisible();
  await context.close();
});

test("going back changes the view and nothing else, and the address still says what the page has", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.goToAddress("preset=tiny");
  await openView(page, "model");
  await page.getByRole("button", { name: /^Base width 16 ×/ }).click();
  await expect(page).toHaveURL(/dim=16/);
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await expect(page).toHaveURL(/dim=16/);
  await expect(page).not.toHaveURL(/view=/);
  await page.goForward();
  await expect(page.getByRole("heading", { name: /Network from current settings/ })).toBeVisible();
  await expect(page).toHaveURL(/dim=16.*view=model|view=model.*dim=16/);
  await page.reload();
  await openView(page, "train");
  await page.getByRole("button", { name: "Network" }).click();
  await expect(baseWidth(page)).toHaveValue("16");

  // Another optimizer brings its own settings.
  await page.getByRole("button", { name: "Optimizer" }).click();
  const optimizer = page.getByRole("combobox", { name: "Optimizer" });
  await expect(optimizer).toHaveValue("adamw");
  const momentum = page.getByRole("textbox", { name: "Muon momentum" });
  await expect(momentum).toHaveCount(0);
  await optimizer.selectOption("muon");
  await expect(momentum).toHaveValue("0.95");
  await expect(page).toHaveURL(/optimizer=muon/);
});

test("what an address has that is unknown is told, and goes from it", async ({ lab }) => {
  await lab.goToAddress("preset=tiny&sampler=best&seed=3");
  await expect(lab.page.getByText("sampler=best (expected: one of ddim")).toBeVisible();
  await expect(lab.page).toHaveURL(/seed=3/);
  await expect(lab.page).not.toHaveURL(/sampler/);
});

test("a choice that only a later version has stands at its field, in a form that can be corrected", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("preset=tiny&samplerKind=lion&dropPath=0.1");
  await expect(page.getByText(/^samplerKind=lion \(expected: one of DDIM/)).toContainText(
    "dropPath",
  );
  await expect(lab.train).toBeDisabled();
  const sampler = page.getByRole("combobox", { name: "Sampler", exact: true });
  if (!(await sampler.isVisible())) await page.getByRole("button", { name: "Sampling" }).click();
  // Nothing is chosen yet, so that the first is chosen like any other.
  await expect(sampler.locator("option:checked")).toHaveText("");
  await sampler.selectOption("ddim");
  await expect(lab.train).toBeEnabled();
  await expect(sampler.locator("option:checked")).toHaveText("DDIM");
  await sampler.selectOption("heun");
  await expect(lab.train).toBeEnabled();
  await expect(page).toHaveURL(/samplerKind=heun/);
});

test("a link to a run of another browser says so in place, and brings the set-up all the same; an open run is open again after a reload", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("preset=tiny&epochs=7&run=run-elsewhere");
  const alert = page.getByRole("alert").filter({ visible: true });
  await expect(alert).toContainText("not in this browser");
  await expect(page).not.toHaveURL(/run=/);
  await expect(page).toHaveURL(/epochs=7/);
  await expect(page.getByRole("textbox", { name: "Epochs" })).toHaveValue("7");
  await openView(page, "charts");
  await expect(alert).toContainText("not in this browser");
  // It is past when another run is open.
  await openView(page, "train");
  const newest = page.getByRole("region", { name: "Newest run" });
  await newest.getByRole("button", { name: "Open" }).click();
  const finished = `Finished after ${LAB_RUN.numSteps} steps`;
  await expect(lab.status).toContainText(finished);
  await expect(page.getByRole("alert")).toHaveCount(0);

  await expect(page).toHaveURL(/[?&]run=run-/);
  await lab.openSettings();
  await lab.unfoldSettings();
  await page.getByRole("textbox", { name: "Learning rate" }).fill("0.003");
  await page.reload();
  await expect(lab.status).toContainText(finished);
  await lab.openSettings();
  // What was changed in the form since it was opened is still there.
  await expect(page.getByRole("textbox", { name: "Learning rate" })).toHaveValue("0.003");
  await openView(page, "evolution");
  await page.reload();
  const strip = page.getByRole("region", { name: "The run" });
  await expect(strip).toContainText(LAB_RUN.name);
  await expect(strip).toContainText("Finished");
  await expect(page).toHaveURL(/[?&]run=run-/);
});

test("a run that was being trained comes back unfinished, to be gone on with from any view", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  page.on("dialog", (dialog) => dialog.accept());
  await app.openWithFewImages("?preset=tiny&backend=wasm&epochs=10000&dim=4&previewTimesteps=2");
  await app.train.click();
  await app.waitForSteps(3);
  await app.button("Pause").click();
  await expect(app.status).toContainText("Paused");
  await openView(page, "charts");
  await expect(page).toHaveURL(/[?&]run=run-/);
  await page.reload();
  const strip = page.getByRole("region", { name: "The run" });
  await expect(strip).toContainText(/Unfinished after \d+ steps/);
  await expect(strip.getByRole("button", { name: "Resume" })).toBeVisible();
  await openView(page, "train");
  const card = page.getByRole("region", { name: "Unfinished run" });
  await expect(card.getByRole("button", { name: "Resume" })).toBeVisible();
  await expect(card.getByRole("button", { name: "Open" })).toHaveCount(0);
  // By the keyboard: buttons go, and the focus stays with the run.
  await pressEnter(card.getByRole("button", { name: "Resume" }));
  await expect(app.button("Pause")).toBeFocused();
  await openView(page, "charts");
  await pressEnter(strip.getByRole("button", { name: "Stop" }));
  await expect(strip).toContainText(/Unfinished after \d+ steps/);
  await expect(strip).toBeFocused();
  await pressEnter(strip.getByRole("button", { name: "Resume" }));
  await expect(strip.getByRole("button", { name: "Pause" })).toBeVisible();
  await expect(strip).toBeFocused();
  await pressEnter(strip.getByRole("button", { name: "Stop" }));
  await expect(strip).toContainText(/Unfinished after \d+ steps/);

  await app.openWithFewImages("?preset=tiny&backend=wasm");
  await openView(page, "charts");
  await pressEnter(strip.getByRole("button", { name: /^Open “/ }));
  await expect(strip).toContainText(/Unfinished after \d+ steps/);
  await expect(strip).toBeFocused();

  // Before the images are read, which the browser keeps.
  await page.addInitScript(() => {
    const open = caches.open.bind(caches);
    const asked = new Promise((resolve) => window.addEventListener("serve", resolve));
    caches.open = (name) => asked.then(() => open(name));
  });
  await page.goto("./?preset=tiny&backend=wasm&view=charts");
  await pressEnter(strip.getByRole("button", { name: "Resume" }));
  await expect(strip).toContainText("Training goes on when");
  await expect(strip).toBeFocused();
  await page.evaluate(() => window.dispatchEvent(new Event("serve")));
  await expect(strip.getByRole("button", { name: "Pause" })).toBeVisible();
  await expect(strip).toBeFocused();
});

test("Export copies a link with the settings, without the runs of this browser; its preview has a picture", async ({
  lab,
}) => {
  const { page } = lab;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await lab.openRun(`compare=${lab.runId}&step=300&preset=tiny&epochs=7&view=charts`);
  await lab.button("Export").click();
  await lab.button("Copy").click();
  await expect(lab.button("Copied")).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  await expect(page.getByRole("textbox", { name: "Link" })).toHaveValue(copied);
  const { pathname, searchParams } = new URL(copied);
  expect(pathname).toBe(new URL(page.url()).pathname);
  expect(Object.fromEntries(searchParams)).toEqual({ preset: "tiny", epochs: "7", view: "charts" });

  const picture = await page.locator('meta[property="og:image"]').getAttribute("content");
  const response = await page.request.get(picture ?? "");
  expect(response.headers()["content-type"]).toBe("image/png");
});
