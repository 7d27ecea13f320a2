import { expect, type Page, test } from "@playwright/test";
import { startNoise } from "../../src/app/shared/images/startNoise.ts";
import { SNAPSHOT } from "../../src/engine/config/snapshotSteps.ts";
import { AppPage } from "./app.ts";
import { expectNoViolations } from "./axe.ts";
import { DenoisePage, digitOf, meanDifference } from "./denoisePage.ts";

const MODEL = "**/models/pretrained-quick-1-step.safetensors.gz";
const DRAWN = /, drawn from pure noise in one step/;

const number = (page: Page) => page.getByRole("textbox", { name: "Type a number" });

test("on opening the page a trained network writes what one types, and Train begins with the same noise", async ({
  page,
}) => {
  const app = new DenoisePage(page);
  let download = () => {};
  const isHeld = new Promise<void>((resolve) => {
    download = resolve;
  });
  await page.route(MODEL, async (route) => {
    await isHeld;
    await route.continue();
  });
  await app.openWithFewImages("?backend=wasm&preset=tiny&classes=10&epochs=10000");
  await app.waitForCaption(/^Pure noise/);
  const noise = digitOf(await app.greys(app.digits), 0);
  download();
  await app.waitForCaption(DRAWN);
  const all = await app.greys(app.digits);
  const [zero, one] = [digitOf(all, 0), digitOf(all, 10)];
  // Ink is bright and little, around it is black.
  for (const digit of [zero, one]) {
    expect(digit.filter((grey) => grey < 40).length).toBeGreaterThan(0.5 * digit.length);
    expect(Math.max(...digit)).toBeGreaterThan(200);
  }
  await expectNoViolations(page, "the first digits");

  // The same noise: the digit of a label is the one before, and another label makes another one of it.
  await number(page).fill("0");
  await app.waitForCaption(/^“0”, drawn/);
  expect(await app.digit(app.digits, 0)).toEqual(zero);
  await number(page).fill("7x0");
  await expect(number(page)).toHaveAccessibleDescription("Digits only, 12 at most");
  await app.waitForCaption(/^“70”, drawn/);
  const seven = await app.digit(app.digits, 0);
  expect(meanDifference(seven, zero)).toBeGreaterThan(10);
  expect(meanDifference(seven, noise)).toBeGreaterThan(40);
  await number(page).fill("");
  await app.waitForCaption(/^10 of each digit, drawn/);
  expect(await app.digit(app.digits, 0)).toEqual(zero);

  await app.train.click();
  await expect(number(page)).toHaveCount(0);
  await app.waitForCaption(/^Preview /);
  await app.slider.focus();
  await page.keyboard.press("Home");
  await app.waitForCaption(/denoising step 0 of/);
  expect(await app.digit(app.digits, 0)).toEqual(noise);
  await app.button("Stop").click();
});

test("the number that was typed is what one sees while one trains: one's own network writes it again and again from the same noise, until one asks for something else", {
  tag: "@long",
}, async ({ page }) => {
  const app = new DenoisePage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&classes=10&epochs=1000");
  await app.waitForCaption(DRAWN);
  await number(page).fill("7x0");
  await app.waitForCaption(/^“70”, drawn/);
  const ofModel = await app.greys(app.digits);
  // The section notes every size that the picture has from the click on.
  await app.digits.evaluate((canvas: HTMLCanvasElement) => {
    const section = canvas.closest("section") as HTMLElement;
    const note = () => {
      section.dataset.widths += ` ${section.querySelector("canvas")?.width}`;
    };
    section.dataset.widths = "";
    new MutationObserver(note).observe(section, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ["width"],
    });
  });
  await app.train.click();
  await app.waitForCaption(/^Pure noise.*“70”|^“70” .*after/);
  await expect(page.getByLabel("Number to write")).toHaveValue("70");
  await expect(number(page)).toHaveCount(0);

  const written = /^“70” .*after ([\d,]+) training steps?$/;
  const stepOf = async () =>
    Number(
      written.exec((await app.digits.getAttribute("aria-label")) ?? "")?.[1]?.replace(",", ""),
    );
  await app.waitForCaption(written);
  const [first, ofFirst] = [await stepOf(), await app.greys(app.digits)];
  expect(ofFirst).not.toEqual(ofModel);
  expect((await app.digits.boundingBox())?.width).toBeGreaterThan(400);
  // The redrawing goes on by itself, beside the previews, and nobody is offered to cancel it.
  await expect(page.getByRole("radiogroup", { name: "Digits to show" })).toBeVisible();
  await expect.poll(stepOf).toBeGreaterThan(first);
  await expect.poll(stepOf).toBeGreaterThan(first + 1);
  expect(await app.greys(app.digits)).not.toEqual(ofFirst);
  const widths = await page.getByRole("region", { name: "Digits" }).getAttribute("data-widths");
  expect(new Set(widths?.trim().split(" "))).toEqual(new Set(["58"]));

  // One goes back to the noise, which is that of the first digits, and stays there.
  const aWhile = () => page.evaluate(() => new Promise((done) => setTimeout(done, 5_000)));
  await app.slider.focus();
  await page.keyboard.press("Home");
  await app.waitForCaption(/^“70” .*denoising step 0 of/);
  await aWhile();
  await app.waitForCaption(/^“70” .*denoising step 0 of/);
  expect(await app.digit(app.digits, 0)).toEqual([...startNoise(SNAPSHOT.seed, 1)]);
  await page.keyboard.press("End");
  await app.waitForCaption(written);
  const before = await stepOf();
  await expect.poll(stepOf).toBeGreaterThan(before);

  // Without a number one follows training, and nothing is drawn besides.
  await page.getByLabel("Number to write").fill("");
  await app.waitForCaption(/^Preview /);
  await page.getByRole("radiogroup", { name: "Digits to show" }).getByText("My digits").click();
  await app.waitForCaption(/^“70” .*after/);
  const asked = await app.digits.getAttribute("aria-label");
  await aWhile();
  await expect(app.digits).toHaveAttribute("aria-label", asked ?? "");
  await app.button("Stop").click();
});

test("without it one can train all the same, and is told why no digits come; later they can be had", async ({
  page,
}) => {
  const app = new AppPage(page);
  await page.route(MODEL, (route) => route.fulfill({ status: 404, body: "" }));
  await app.openWithFewImages("?backend=wasm&preset=tiny&epochs=10000");
  const problem = page.getByRole("region", { name: "Digits" }).getByRole("status");
  await expect(problem).toContainText(
    /^No digits could be drawn: Could not download .*the server answered 404/,
  );
  await page.unroute(MODEL);
  await page.route(MODEL, (route) => route.fulfill({ body: "<html></html>" }));
  await number(page).fill("3");
  await expect(problem).toContainText(/^No digits could be drawn: /);
  await page.unroute(MODEL);
  await number(page).fill("34");
  await app.waitForCaption(DRAWN);
  await expect(problem).toHaveCount(0);

  // A model that was loaded takes its place and writes the same, until it is put away.
  await app.takeTrainedModel();
  await app.waitForCaption(/^“34” with guidance 1\.5 by Quick \(trained model\), 10 steps/);
  await expect(number(page)).toHaveCount(0);
  await app.button("Forget these weights").click();
  await app.waitForCaption(/^“34”, drawn/);
  await app.train.click();
  await app.waitForSteps(1);
  await app.button("Stop").click();
});
