import { encode } from "fast-png";
import { expectNoViolations } from "./axe.ts";
import { DenoisePage } from "./denoisePage.ts";
import { expect, type LabPage, test } from "./labRun.ts";

/** Draw with the network of a run; in two steps digits come by themselves. */
async function openRun(lab: LabPage, query: string, steps = 2): Promise<DenoisePage> {
  // Until the run is open, what is asked for is interrupted by it.
  await lab.openRun(`view=denoise&digits=4&steps=${steps}&${query}`);
  const app = new DenoisePage(lab.page);
  await expect(app.form).toBeVisible();
  return app;
}

const FINISHED = "step 2 of 2, finished";

test("a part of an image is filled in, and the rest stays to the last pixel", async ({ lab }) => {
  const { page } = lab;
  const app = await openRun(lab, "start=fill&image=2");
  await app.expectStep(FINISHED);
  const source = await app.greys(
    app.form.getByRole("button", { name: /^Image 3, / }).locator("canvas"),
  );
  const stays = async (isKept: (i: number) => boolean) => {
    const digits = await Promise.all([0, 1, 2, 3].map((place) => app.digit(app.grid, place)));
    return digits.map((digit) => digit.every((gray, i) => !isKept(i) || gray === source.greys[i]));
  };
  const isUpper = (i: number) => i < 784 / 2;
  expect(await stays(isUpper)).toEqual([true, true, true, true]);
  expect(await stays(() => true)).toEqual([false, false, false, false]);
  await expect(app.image(/^What stays of the image/)).toBeVisible();
  await expectNoViolations(page, "filling in");

  const isRight = (i: number) => i % 28 >= 14;
  await app.form.getByLabel("Fill in", { exact: true }).last().selectOption("the left half");
  await expect.poll(() => stays(isRight)).toEqual([true, true, true, true]);

  // Nothing is left to fill in once all marks are taken away.
  const pad = app.image("The test image");
  const { x, y, width } = (await pad.boundingBox()) ?? { x: 0, y: 0, width: 0 };
  await app.form.getByText("Unmark", { exact: true }).click();
  await expect(app.button("Undo")).toBeDisabled();
  await page.mouse.move(x + 2, y + 2);
  await page.mouse.down();
  for (let row = 0; row <= width / 2; row += width / 14) {
    await page.mouse.move(x + width / 2, y + 2 * row, { steps: 8 });
    await page.mouse.move(x + 2, y + 2 * row, { steps: 8 });
  }
  await page.mouse.up();
  await expect(app.form.getByText(/^There is nothing to fill in/)).toBeVisible();
  await app.form.getByText("Mark", { exact: true }).click();
  await pad.click({ position: { x: width / 2, y: width / 2 } });
  await expect(app.form.getByText(/^There is nothing to fill in/)).toBeHidden();
  await expect.poll(() => stays((i) => i < 28 * 8)).toEqual([true, true, true, true]);
});

test("a drawing is finished: its lines stay, and digits grow around them", async ({ lab }) => {
  const { page } = lab;
  const app = await openRun(lab, "");
  await app.beginWith("Fill in");
  const pad = app.image(/^An empty pad/);
  const { x, y, width } = (await pad.boundingBox()) ?? { x: 0, y: 0, width: 0 };
  await page.mouse.move(x + 0.4 * width, y + 0.3 * width);
  await page.mouse.down();
  await page.mouse.move(x + 0.4 * width, y + 0.7 * width, { steps: 8 });
  await page.mouse.up();
  await app.expectStep(FINISHED);
  const [first, second] = [await app.digit(app.grid, 0), await app.digit(app.grid, 1)];
  // The middle of the stroke is white in both, and they differ elsewhere.
  const middle = 14 * 28 + 11;
  expect([first[middle], second[middle]]).toEqual([255, 255]);
  expect(first).not.toEqual(second);
  // A digit that was drawn is the next image to begin with.
  await app.button("Fill in a part").click();
  await expect(app.image("Your picture")).toBeVisible();
  await expect(app.form.getByText(/^There is nothing to fill in: mark the part/)).toBeVisible();
  await app.image("Your picture").click({ position: { x: 60, y: 60 } });
  await app.expectStep(FINISHED);
});

test("an image goes to its noise and becomes other digits; and two go between each other", async ({
  lab,
}) => {
  const app = await openRun(lab, "start=invert&image=2&back=1", 6);
  await app.generate();
  await app.expectStep("step 12 of 12, finished");
  const source = await app.greys(
    app.form.getByRole("button", { name: /^Image 3, / }).locator("canvas"),
  );
  const { grid } = app;
  await app.slider.press("Home");
  await app.expectStep("step 0 of 12, the image");
  expect(await app.digit(grid, 0)).toEqual(source.greys);

  // What was drawn with other settings stays, and says so.
  const outdated = lab.page.getByText(/The settings have changed since: press Generate\.$/);
  await expect(outdated).toBeHidden();
  const back = app.form.getByRole("slider", { name: "How far back" });
  await back.press("ArrowLeft");
  await expect(outdated).toBeVisible();
  await back.press("ArrowRight");
  await expect(outdated).toBeHidden();

  await app.beginWith("Mix", "By their noise");
  await app.generate();
  await app.expectStep("step 12 of 12, finished");
  await app.slider.press("Home");
  const ends = [await app.digit(grid, 0), await app.digit(grid, 3)];
  expect(ends[0]).not.toEqual(ends[1]);
  expect(await app.digit(grid, 1)).toEqual(ends[0]);
  expect(await app.digit(grid, 2)).toEqual(ends[1]);
});

test("a picture has two readings, and the flipped one is shown", async ({ lab }) => {
  await lab.goToAddress("view=denoise&start=readings&digits=4");
  const app = new DenoisePage(lab.page);
  await app.expectStep("step 4 of 4, finished");
  const flipped = app.image("The same upside down: 9");
  const large = app.image("Digit 1, large");
  const turned = async () => (await app.greys(flipped)).greys.toReversed();
  expect(await turned()).toEqual((await app.greys(large)).greys);
  await app.form.getByRole("radio", { name: "in a mirror" }).click();
  await expect(app.image("The same in a mirror: 9")).toBeVisible();
  await expectNoViolations(lab.page, "two readings");
});

test("a picture of the size of MNIST's is opened, and another is refused", {
  tag: "@long",
}, async ({ lab }) => {
  const app = await openRun(lab, "start=own");
  const chooser = lab.page.waitForEvent("filechooser");
  await app.form.getByRole("button", { name: "Open a picture…" }).click();
  const png = (size: number, gray = 90) => ({
    name: `${size}.png`,
    mimeType: "image/png",
    buffer: Buffer.from(
      encode({
        width: size,
        height: size,
        channels: 1,
        data: new Uint8Array(size ** 2).fill(gray),
      }),
    ),
  });
  const files = await chooser;
  await files.setFiles(png(32));
  await expect(app.form.getByText(/28 × 28 pixels, got 32 × 32/)).toBeVisible();
  const notes = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") };
  await files.setFiles(notes);
  await expect(app.form.getByText(/^notes.txt could not be opened as a picture/)).toBeVisible();
  await files.setFiles(png(28));
  await expect(app.form.getByText(/28 × 28 pixels, got/)).toBeHidden();
  await app.expectStep(/finished$/);
  const pad = app.image("Your picture");
  const gray = async () => (await app.greys(pad)).greys[0];
  expect(await gray()).toBe(90);

  // One that is dropped on the pad takes its place, and is not taken for images to train on.
  const { buffer } = png(28, 200);
  const dropped = await lab.page.evaluateHandle(
    (bytes) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], "two.png", { type: "image/png" }));
      return transfer;
    },
    [...buffer],
  );
  // The page offers to take it until it is over the pad, and not after it has been dropped there.
  const offer = lab.page.getByText(/^Drop images to train on/);
  await lab.page.dispatchEvent("body", "dragover", { dataTransfer: dropped });
  await expect(offer).toBeVisible();
  await pad.dispatchEvent("dragover", { dataTransfer: dropped });
  await expect(offer).toBeHidden();
  await lab.page.dispatchEvent("body", "dragover", { dataTransfer: dropped });
  await pad.dispatchEvent("drop", { dataTransfer: dropped });
  await expect.poll(gray).toBe(200);
  await expect(offer).toBeHidden();
  await expect(lab.page.getByRole("alert")).toHaveCount(0);
});
