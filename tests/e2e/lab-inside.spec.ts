import type { Page } from "@playwright/test";
import { imagesFile, labelsFile } from "../unit/engine/data/idxBytes.ts";
import { AppPage, openView } from "./app.ts";
import { expectNoViolations, goDark } from "./axe.ts";
import { chart, choose } from "./charts.ts";
import { DenoisePage, digitOf } from "./denoisePage.ts";
import { expect, type LabPage, test } from "./labRun.ts";

const block = (page: Page, name: string) => page.locator(`[data-block="${name}"]`);

const inside = (page: Page) => page.getByRole("region", { name: "Inside the block" });

const maps = (page: Page, name: string) =>
  inside(page).getByRole("img", { name: `Feature maps of ${name}` });

const attention = (page: Page) =>
  inside(page).getByRole("img", { name: /^Attention of the pixel/ });

/** All that the worker has answered so far. */
const looks = (page: Page) =>
  page.evaluate(() =>
    window.recordedEvents.flatMap((event) =>
      event.type === "blockSeen" || event.type === "requestFailed" ? [event] : [],
    ),
  );

/** When the newest step that the worker told was done. */
const lastStepMs = (page: Page) =>
  page.evaluate(
    () =>
      window.recordedEvents.flatMap((event) => (event.type === "steps" ? event.steps : [])).at(-1)
        ?.wallTimeMs ?? 0,
  );

/** Model of the stored run, with images and a backend. */
async function openModel(lab: LabPage) {
  await lab.openRun("view=model");
  await expect(lab.page.getByRole("heading", { name: /Network of this run/ })).toBeVisible();
}

test("a click on a block shows its feature maps of a digit, and others as one scrubs, also of a digit that is drawn", async ({
  lab,
}) => {
  const { page } = lab;
  await openModel(lab);
  await expect(inside(page)).toHaveCount(0);
  await block(page, "downs.1.0").click();
  await expect(maps(page, "downs.1.0")).toBeVisible();
  await expect(inside(page)).toContainText("4 feature maps of 14×14");
  await expect(inside(page)).toContainText("Seen after 600 training steps.");
  // It is still open after another view, and in the address.
  for (const view of ["train", "model"] as const) await openView(page, view);
  await expect(maps(page, "downs.1.0")).toBeVisible();
  await expect(page).toHaveURL((url) => url.searchParams.get("block") === "downs.1.0");
  const ofDowns = () => new DenoisePage(page).greys(maps(page, "downs.1.0"));
  const first = await ofDowns();
  // Each map has its least in black and its most in white.
  for (const map of [0, 1, 2, 3]) {
    const levels = digitOf(first, map);
    expect([Math.min(...levels), Math.max(...levels)]).toEqual([0, 255]);
  }

  const noise = inside(page).getByRole("slider", { name: "Timestep" });
  await noise.focus();
  await page.keyboard.press("Home");
  await expect(inside(page)).toContainText("Noise, t = 0");
  await expect.poll(ofDowns).not.toEqual(first);

  await inside(page)
    .getByText(/^An? (digit|image) being drawn$/)
    .click();
  const step = inside(page).getByRole("slider", { name: "Denoising step" });
  await step.focus();
  await page.keyboard.press("Home");
  // The step is the one chosen, t the answer's.
  await expect(inside(page)).toContainText("Step 1 of 20, t = 999");
  const ofNoise = await ofDowns();
  await page.keyboard.press("End");
  await expect(inside(page)).toContainText("Step 20 of 20, t = 49");
  await expect.poll(ofDowns).not.toEqual(ofNoise);
  const drawn = (await looks(page)).filter((event) => event.type === "blockSeen").slice(-2);
  expect(drawn.map(({ t }) => t)).toEqual([999, 49]);
  expect(drawn[1]?.seen.maps).not.toEqual(drawn[0]?.seen.maps);

  // Another block, with the keyboard.
  await block(page, "downs.1.0").focus();
  await page.keyboard.press("End");
  await expect(maps(page, "final_conv")).toBeVisible();
  await expect(inside(page)).toContainText("1 feature map of 28×28");
  await inside(page).getByRole("button", { name: "Close the look inside" }).click();
  await expect(inside(page)).toHaveCount(0);
  await block(page, "mid_block1").focus();
  await page.keyboard.press("Enter");
  await expect(maps(page, "mid_block1")).toBeVisible();
});

test("the digit that is drawn is the first of Denoise, with its sampler, steps and seed, also when these change", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  const denoise = new DenoisePage(page);
  const ofDenoise = "sampler=heun&spacing=even&steps=30&noise=5&digits=2";
  await lab.openRun(`view=denoise&${ofDenoise}`);
  await denoise.generate();
  /** Before the last step, which the network turns into the digit. */
  const beforeLastStep = async (words: RegExp) => {
    await denoise.slider.focus();
    await page.keyboard.press("ArrowLeft");
    await denoise.expectStep(words);
    return denoise.digit(denoise.grid, 0);
  };
  const before = await beforeLastStep(/step 29 of 30/);

  /** What the network is given in the last step, as Inside has it. */
  const inLastStep = async (how: string, words: RegExp) => {
    await openView(page, "model");
    await block(page, "downs.0.0").click();
    await inside(page)
      .getByText(/^An? (digit|image) being drawn$/)
      .click();
    await expect(inside(page)).toContainText(`Drawn as chosen in Draw: ${how}.`);
    await inside(page).getByRole("slider", { name: "Denoising step" }).focus();
    await page.keyboard.press("End");
    await expect(inside(page)).toContainText(words);
    const given = inside(page).getByRole("img", { name: "The noisy image that the network sees" });
    return denoise.digit(given, 0);
  };
  expect(await inLastStep("Heun, 30 steps, 58 predictions", /Step 30 of 30, t = \d+/)).toEqual(
    before,
  );

  await openView(denoise.page, "denoise");
  await denoise.unfold();
  await denoise.form.getByLabel("Steps", { exact: true }).fill("25");
  await denoise.generate();
  const changed = await beforeLastStep(/step 24 of 25/);
  expect(changed).not.toEqual(before);
  expect(await inLastStep("Heun, 25 steps, 48 predictions", /Step 25 of 25, t = \d+/)).toEqual(
    changed,
  );
});

test("of an attention one chooses the pixel, with the pointer and with the keys", async ({
  lab,
}) => {
  const { page } = lab;
  await openModel(lab);
  await block(page, "mid_attn").click();
  await expect(attention(page)).toBeVisible();
  await expect(inside(page)).toContainText(/The learned memories take \d+ %/);
  const greys = () => new DenoisePage(page).greys(attention(page));
  const pixel = inside(page).getByRole("slider", { name: "Pixel that attends" });
  await expect(pixel).toHaveAttribute("aria-valuetext", "row 7, column 7 of 14");
  const before = await greys();
  await pixel.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowUp");
  await expect(pixel).toHaveAttribute("aria-valuetext", "row 6, column 6 of 14");
  await expect.poll(greys).not.toEqual(before);
  const moved = await greys();
  const { width = 0, height = 0 } = (await pixel.boundingBox()) ?? {};
  await pixel.click({ position: { x: width - 1, y: height - 1 } });
  await expect(pixel).toHaveAttribute("aria-valuetext", "row 14, column 14 of 14");
  await expect.poll(greys).not.toEqual(moved);

  // Linear attention sees the digit in full.
  await block(page, "downs.0.2").click();
  await expect(pixel).toHaveAttribute("aria-valuetext", "row 28, column 28 of 28");
  await expect(maps(page, "downs.0.2")).toBeVisible();
  await expect(attention(page)).toHaveAccessibleName("Attention of the pixel in downs.0.2");
  await block(page, "downs.0.1").click();
  await expect(maps(page, "downs.0.1")).toBeVisible();
  await expect(attention(page)).toHaveCount(0);
  await expect(pixel).toHaveCount(0);
});

test("where there is nothing to see inside, a sentence says why", async ({ lab }) => {
  const { page } = lab;
  await openModel(lab);
  await block(page, "time_mlp").click();
  await expect(inside(page)).toContainText("This block sees no images");
  expect(await looks(page)).toEqual([]);
  await page.getByRole("button", { name: /^Attention heads 2 ×/ }).click();
  await block(page, "mid_attn").click();
  await expect(inside(page)).toContainText("Choose Run above to look inside that one.");
  expect(await looks(page)).toEqual([]);
  const owner = page.getByRole("radiogroup", { name: "Whose network" });
  await owner.getByText("Run", { exact: true }).click();
  await expect(maps(page, "mid_attn")).toBeVisible();
});

test("before any run the network of the settings is seen, without images a digit that is drawn", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.skipFirstSteps();
  await app.recordEvents();
  await page.addInitScript(() => {
    const { fetch } = window;
    window.fetch = (...asked) =>
      String(asked[0]).includes("mnist/") ? new Promise(() => {}) : fetch(...asked);
  });
  const ofDenoise = "ask=class&label=4&noise=6";
  await page.goto(
    `./?backend=wasm&view=model&preset=tiny&samplingTimesteps=1&classes=10&${ofDenoise}`,
  );
  await block(page, "init_conv").click();
  await expect(inside(page).getByRole("status")).toContainText(
    "A real image has to be loaded first",
  );
  await inside(page)
    .getByText(/^An? (digit|image) being drawn$/)
    .click();
  await expect(maps(page, "init_conv")).toBeVisible();
  await expect(inside(page)).toContainText("Seen from the untrained network.");
  await expect(inside(page).getByRole("status")).toHaveCount(0);
  await expect(inside(page).getByRole("combobox", { name: "Ask for" })).toHaveValue("4");
  await expect(inside(page)).toContainText("1 step even in log-SNR, guidance 1.");
  // It is drawn in one step, so there is none to choose.
  await expect(inside(page)).toContainText(/Step 1 of 1, t = \d+/);
  await expect(inside(page).getByRole("slider")).toHaveCount(0);

  // Once they are there, it is looked at of itself.
  await inside(page)
    .getByText(/^A real (digit|image), with noise$/)
    .click();
  await expect(inside(page).getByRole("status")).toContainText(
    "A real image has to be loaded first",
  );
  await app.dropFiles([
    { name: "train-images-idx3-ubyte", bytes: imagesFile(48) },
    { name: "train-labels-idx1-ubyte", bytes: labelsFile(48) },
  ]);
  await expect(inside(page).getByRole("status")).toHaveCount(0);
  const digit = () =>
    new DenoisePage(page).greys(
      inside(page).getByRole("img", { name: "The noisy image that the network sees" }),
    );
  // The digit that was drawn was at another timestep.
  await expect(inside(page)).toContainText("Noise, t = 40");
  const first = await digit();
  // Of the same name.
  await app.dropFiles([
    { name: "train-images-idx3-ubyte", bytes: imagesFile(40) },
    { name: "train-labels-idx1-ubyte", bytes: labelsFile(40) },
  ]);
  await expect.poll(digit).not.toEqual(first);
});

test("while a run trains the maps follow it, and nothing is asked while nobody looks", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages(
    "?backend=wasm&preset=tiny&dim=4&epochs=10000&previewEvery=0&previewTimesteps=2",
  );
  await app.train.click();
  await app.waitForSteps(1);
  await openView(page, "model");
  await app.waitForSteps(20);
  expect(await looks(page)).toEqual([]);

  await block(page, "downs.0.0").click();
  const seen = async () =>
    (await looks(page)).flatMap((event) => (event.type === "blockSeen" ? [event] : []));
  // On a busy machine a step may take longer than it is from one look to the next.
  const stepsSeen = async () => new Set((await seen()).map(({ trainedSteps }) => trainedSteps));
  await expect.poll(async () => (await stepsSeen()).size).toBeGreaterThan(2);
  // The same noisy digit each time, in another network.
  const [first, ...later] = await seen();
  const second = later.find(({ trainedSteps }) => trainedSteps !== first?.trainedSteps);
  expect(second?.pixels).toEqual(first?.pixels);
  expect(second?.seen.maps).not.toEqual(first?.seen.maps);

  await inside(page).getByRole("button", { name: "Close the look inside" }).click();
  const closedMs = await page.evaluate(() => Date.now());
  // What was on its way may still come.
  await expect.poll(() => lastStepMs(page)).toBeGreaterThan(closedMs + 500);
  const { length } = await looks(page);
  await expect.poll(() => lastStepMs(page)).toBeGreaterThan(closedMs + 4000);
  expect(await looks(page)).toHaveLength(length);
  await page.getByRole("button", { name: "Stop" }).first().click();
});

test("a run draws its norms by layer once it has some, and those of a block inside of it; of a run from before there are none", {
  tag: "@long",
}, async ({ lab, page }) => {
  await lab.openRun("view=charts");
  await expect(chart(lab.page, "Gradient norm")).toBeVisible();
  await expect(chart(lab.page, "Gradient norm by layer")).toHaveCount(0);
  await openView(lab.page, "model");
  await block(lab.page, "mid_attn").click();
  await expect(maps(lab.page, "mid_attn")).toBeVisible();
  await expect(chart(lab.page, "Gradient norm")).toHaveCount(0);

  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&dim=4&epochs=2&previewEvery=0");
  await app.trainToEnd();
  await openView(page, "charts");
  for (const title of ["Gradient norm by layer", "Weight norm by layer"]) {
    await expect(chart(page, title).getByRole("img").first()).toHaveAccessibleName(
      /init_conv [\d.e-]+, .*downs\.0 [\d.e-]+, .*mid [\d.e-]+, .*final_conv [\d.e-]+/,
    );
  }
  await expectNoViolations(page, "charts with norms by layer");

  await openView(page, "model");
  // Also of a block that sees no images.
  for (const name of ["downs.1.2", "time_mlp"]) {
    await block(page, name).click();
    for (const title of ["Gradient norm", "Weight norm"]) {
      const words = new RegExp(`${title}.* ${name} [\\d.e-]+`);
      await expect(inside(page).getByRole("img", { name: words })).toBeVisible();
    }
  }
  await expectNoViolations(page, "the norms of a block");
  // Over the x axis that was chosen in Charts.
  await openView(page, "charts");
  await choose(page, "Scale of the horizontal axis", "Log");
  await openView(page, "model");
  await block(page, "time_mlp").click();
  // One of each chart.
  const curves = inside(page).locator("[data-curve=time_mlp] path");
  await expect(curves).toHaveCount(2);
  const drawn = await curves.evaluateAll((all) => all.map((path) => path.getAttribute("d")));
  for (const d of drawn) expect(d).not.toContain("NaN");
});

test("axe finds nothing wrong with a look inside, which fits a narrow screen", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await page.setViewportSize({ width: 390, height: 844 });
  await openModel(lab);
  await block(page, "mid_attn").click();
  await expect(attention(page)).toBeVisible();
  await expectNoViolations(page, "inside an attention, light");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await goDark(page);
  await expectNoViolations(page, "inside an attention, dark", ["color-contrast"]);
});
