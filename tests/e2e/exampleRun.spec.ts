import { expect, test } from "@playwright/test";
import { AppPage, openView } from "./app.ts";
import { DenoisePage } from "./denoisePage.ts";
import { eventsOf } from "./faults.ts";

test("whoever has no run finds an example in Results, which leaves nothing behind; one's own takes its place", async ({
  page,
}) => {
  const app = new AppPage(page);
  const problems: string[] = [];
  page.on("console", (message) => {
    const isProblem = ["error", "warning"].includes(message.type());
    // The tests block it.
    if (isProblem && !message.text().includes("Service Worker")) problems.push(message.text());
  });
  await app.openWithFewImages("?backend=wasm&preset=tiny&previewEvery=0&epochs=10000");
  await openView(page, "charts");
  const note = page.getByRole("note").filter({ hasText: "An example" });
  await expect(note).toBeVisible();
  await expect(page.getByRole("region", { name: "Loss", exact: true })).toContainText(
    "full validation",
  );
  await openView(page, "evolution");
  await expect(page.getByText("After 11,250 steps, the end of epoch 3")).toBeVisible();
  await expect(page).not.toHaveURL(/run=/);
  expect(problems).toEqual([]);

  await note.getByRole("link", { name: "Train your own" }).click();
  await expect(page.getByRole("link", { name: "Runs", exact: true })).toBeVisible();
  await app.train.click();
  await app.waitForSteps(3);
  await openView(page, "charts");
  await expect(note).toHaveCount(0);
  await expect(page.getByText("11,250")).toHaveCount(0);
});

test("the number that was typed on the first screen is what Draw writes", { tag: "@long" }, async ({
  page,
}) => {
  const app = new DenoisePage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny");
  await page.getByRole("textbox", { name: "Type a number" }).fill("42");
  await page.getByRole("link", { name: "Draw with it live" }).click();
  await expect(app.image(/^“42” by Quick in one step/)).toBeVisible();
});

test("without a run Draw draws at once, with a model that comes with the page; with one, it draws with that", {
  tag: "@long",
}, async ({ page }) => {
  const app = new DenoisePage(page);
  await app.openWithFewImages("?backend=wasm&preset=tiny&previewEvery=0&epochs=10000");
  await page.getByRole("link", { name: "Draw with it live" }).click();
  await expect(app.image(/^36 digits by Quick in one step/)).toBeVisible();
  await expect(app.button("Generate")).toHaveCount(0);
  // A drawing is for the student of four steps.
  await app.beginWith("Drawing", "Test image");
  await expect(
    app.image(/^36 digits.* by Quick in four steps.*the last \d of 4 steps/),
  ).toBeVisible();
  await openView(page, "train");
  await app.train.click();
  await app.waitForSteps(2);
  await openView(page, "denoise");
  await app.beginWith("Noise");
  await app.generate();
  await expect(app.grid).toHaveAttribute(
    "aria-label",
    /^36 digits (by Tiny.*)?after \d+ training steps?/,
  );
  expect(await eventsOf(page, "sampleFailed")).toEqual([]);
});

for (const [screen, width, height] of [
  ["a projector", 1024, 768],
  ["a phone", 390, 844],
] as const) {
  test(`on ${screen} a presentation is left by its button, by Escape, and by going back`, {
    tag: "@long",
  }, async ({ page }) => {
    const app = new DenoisePage(page);
    await page.setViewportSize({ width, height });
    await app.openWithFewImages("?backend=wasm&preset=tiny");
    const places = page.getByRole("navigation").first();
    const leave = page.getByRole("button", { name: /^Leave/ });
    for (const end of [
      () => leave.click(),
      () => page.keyboard.press("Escape"),
      () => page.goBack(),
    ]) {
      await page.getByRole("button", { name: "About this page" }).click();
      await page.getByRole("button", { name: "Present on a projector" }).click();
      await expect(places).toHaveCount(0);
      const digits = page.getByRole("img", { name: /^Digits after / });
      await expect.poll(async () => (await digits.boundingBox())?.width).toBeGreaterThan(250);
      await end();
      await expect(places).toBeVisible();
      await expect(leave).toHaveCount(0);
    }
    expect(new URL(page.url()).searchParams.has("present")).toBe(false);
  });
}
