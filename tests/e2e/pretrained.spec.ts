import { expect, test } from "@playwright/test";
import { AppPage, openView, pressEnter } from "./app.ts";
import { DenoisePage } from "./denoisePage.ts";

const FILE = "pretrained-quick.safetensors";

test("one click on a first visit loads a trained model, whose digits come at once, and Train goes on from it; what keeps it from coming is told", async ({
  page,
}) => {
  const app = new AppPage(page);
  await page.route(`**/models/${FILE}.gz`, (route) => route.fulfill({ status: 404, body: "" }));
  await app.open("?backend=wasm");
  await app.takeTrainedModel();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText(`${FILE} did not load`);
  await expect(alert).toContainText("the server answered 404");

  await page.unroute(`**/models/${FILE}.gz`);
  // By the keyboard, as in any menu; from the first item up is the last.
  const item = (label: string) => page.getByRole("button", { name: new RegExp(`^${label}`) });
  // On a phone that is lower than the menu, which scrolls.
  const window = page.viewportSize() ?? { width: 0, height: 0 };
  await page.setViewportSize({ width: 390, height: 640 });
  await app.button("Train from a trained model").scrollIntoViewIfNeeded();
  await pressEnter(app.button("Train from a trained model"));
  await expect(item("Quick What Train gives")).toBeFocused();
  await expect(page.locator(":popover-open")).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("ArrowUp");
  await expect(item("A weights file")).toBeFocused();
  await expect(item("A weights file")).toBeInViewport({ ratio: 1 });
  await page.setViewportSize(window);
  // Tab closes it.
  await page.keyboard.press("Tab");
  await expect(item("All models")).toBeHidden();
  await pressEnter(app.button("Train from a trained model"));
  await expect(item("Quick What Train gives")).toBeFocused();
  await expect(item("Quick in four steps")).toHaveCount(0);
  await item("All models").press("Enter");
  await expect(item("Quick What Train gives")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(item("Quick in four steps")).toBeFocused();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await expect(app.button("Train from a trained model")).toBeFocused();
  await app.waitForCaption(/^36 digits with guidance 1\.5 by Quick \(trained model\), 10 steps/);
  await expect(alert).toHaveCount(0);
  await expect(page.getByText("Quick (trained model)", { exact: true })).toBeVisible();
  await expect(page.getByText("Train starts from it.")).toBeVisible();
  await page.getByLabel("Number to write").fill("7");
  await app.waitForCaption(/^“7” with guidance/);

  await app.train.click();
  await app.waitForSteps(3);
  // From the start values of a seed the first is about 0.7.
  expect((await app.losses())[0]).toBeLessThan(0.15);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
});

test("a reload loads the model again, with the settings as they were left; without it once it is forgotten", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm");
  await app.takeTrainedModel();
  const drawn = /^36 digits with guidance 1\.5 by Quick \(trained model\), 10 steps/;
  await app.waitForCaption(drawn);
  const rate = page.getByRole("textbox", { name: "Learning rate" });
  await app.unfoldSettings();
  await rate.fill("0.001");
  await page.reload();
  await app.waitForCaption(drawn);
  await expect(page.getByText("Train starts from it.")).toBeVisible();
  await expect(rate).toHaveValue("0.001");
  await expect(page).toHaveURL((url) => url.searchParams.get("model") === FILE);

  // What the person has changed stays, until the preset is chosen again.
  await app.button("Forget these weights").click();
  await expect(page).not.toHaveURL(/model=/);
  await expect(rate).toHaveValue("0.001");
  await page.getByRole("radiogroup", { name: "Preset" }).getByText("Quick").click();
  await expect(rate).toHaveValue("0.002");
  // Beside a run it is not loaded, and the address does not say so.
  await page.goto(`?backend=wasm&run=gone&model=${FILE}`);
  await expect(page).not.toHaveURL(/model=/);
  await page.goto("?backend=wasm&model=pretrained-gone.safetensors");
  await expect(page.getByText("model=pretrained-gone.safetensors")).toBeVisible();
  await expect(page).not.toHaveURL(/model=/);
  // A short link has no settings: the model brings its own.
  await page.goto("?backend=wasm&model=pretrained-quick-1-step.safetensors");
  await app.waitForCaption(/^36 digits by Quick in one step \(trained model\), 1 step/);
  await expect(page.getByText(/changed from the preset/)).toBeVisible();
  await app.button("Forget these weights").click();
  await expect(page.getByText(/changed from the preset/)).toHaveCount(0);
  await expect(rate).toHaveValue("0.002");
});

test("after training the model can be had to compare with: digits of both from the same noise", {
  tag: "@long",
}, async ({ page }) => {
  const app = new DenoisePage(page);
  await app.openWithFewImages(
    "?backend=wasm&preset=tiny&epochs=10000&previewTimesteps=1&compare=1&digits=4&steps=5",
  );
  await app.train.click();
  await app.waitForSteps(2);
  await app.button("Stop").click();
  await expect(app.status).toContainText("Unfinished");
  // It comes late, and moves what is below it.
  await expect(app.button("Resume")).toBeVisible();
  await app.takeTrainedModel();
  await app.waitForCaption(/^36 digits .*by Quick \(trained model\)/);

  await openView(app.page, "denoise");
  const network = (side: "A" | "B") => app.side(side).getByLabel("Network");
  await expect(network("A").locator("option").first()).toHaveText("Quick (trained model)");
  await network("B").selectOption({ index: 1 });
  await app.generate();
  const [model, run] = [app.image(/^A: 4 digits/), app.image(/^B: 4 (digits|images)/)];
  await expect(run).toHaveAttribute("aria-label", /training steps/);
  expect(await app.greys(model)).not.toEqual(await app.greys(run));
  await app.slider.press("Home");
  expect(await app.greys(model)).toEqual(await app.greys(run));

  await openView(app.page, "train");
  await app.button("Forget these weights").click();
  await expect(page.getByText("Trained weights", { exact: true })).toBeVisible();
});
