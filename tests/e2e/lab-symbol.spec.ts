/** A symbol that a person draws some times, and that a trained network learns beside the digits, or a new one alone. */
import { expect, type Locator, test } from "@playwright/test";
import { AppPage, openRuns, openView, pressEnter } from "./app.ts";
import { exported } from "./exported.ts";
import { drawHearts } from "./sketches.ts";

async function openPad(app: AppPage): Promise<Locator> {
  await app.button("Use other images…").click();
  const dialog = app.page.getByRole("dialog", { name: "Train on other images" });
  await dialog.getByRole("button", { name: "Draw a symbol…" }).click();
  return dialog;
}

test("a drawn symbol becomes an eleventh class of a trained network, which is asked for by its name and is still there after a reload", async ({
  page,
}) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=quick");
  const dialog = await openPad(app);
  const teach = dialog.getByRole("button", { name: "Teach it" });
  await drawHearts(page, dialog, 4);
  await expect(teach).toBeDisabled();
  // Closed by mistake, it loses nothing.
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await openPad(app);
  await expect(dialog.getByText("4 drawings")).toBeVisible();
  await drawHearts(page, dialog, 7);
  await dialog.getByRole("button", { name: "Take drawing 11 away" }).click();
  await expect(dialog.getByRole("button", { name: /^Take drawing/ })).toHaveCount(10);
  await dialog.getByText("How they are varied").click();
  await expect(dialog.getByRole("img", { name: /^Turn/ })).toBeVisible();

  const name = dialog.getByLabel("Called");
  // A digit is a class already, and a comma stands between names.
  for (const wrong of ["7", "a, b", " "]) {
    await name.fill(wrong);
    await expect(name).toHaveAttribute("aria-invalid", "true");
    await expect(teach).toBeDisabled();
  }
  await name.fill("❤️ <b>");
  await dialog.getByLabel("Learned by").selectOption({ label: "Quick (trained model)" });
  await teach.click();
  await expect(dialog).toBeHidden();

  await app.waitForSteps(2);
  const started = await page.evaluate(() =>
    window.recordedEvents.flatMap((event) => (event.type === "runStarted" ? [event] : [])),
  );
  expect(started).toMatchObject([
    { config: { classes: 11 }, startedFrom: "pretrained-quick.safetensors" },
  ]);
  // The symbol eight times, and two digits.
  await app.waitForCaption(/^“❤️ <b>, .* after [\d,]+ training steps$/);
  await app.button("Stop").click();
  await expect(app.status).toContainText(/^Unfinished after/);

  const ofSymbol = page.getByRole("button", { name: "❤️ <b>", exact: true });
  await openView(page, "denoise");
  await ofSymbol.click();
  await expect(page.getByRole("img", { name: /^36 images of class ❤️ <b>/ })).toBeVisible();
  await page.reload();
  await expect(ofSymbol).toBeVisible();
  await app.button("Resume").click();
  await app.waitForSteps(1);
  await openView(page, "train");
  await app.button("Stop").click();
  await expect(app.status).toContainText(/^Unfinished after/);
  await expect(page.getByText("MNIST and ❤️ <b> 32,000 images, 400 to validate")).toBeVisible();

  // It goes out as any run does, and comes back with the names of its classes.
  const list = await openRuns(page);
  const run = list.getByRole("listitem", { name: /^MNIST and/ });
  const notebook = await exported(run, /^Jupyter notebook/, 2);
  expect(notebook.filter(({ bytes }) => bytes.includes("❤️ <b>"))).not.toHaveLength(0);
  const [file] = await exported(run, /^Checkpoint/);
  if (!file) throw new Error("Nothing was downloaded.");
  await app.dropFiles([{ name: file.fileName, bytes: file.bytes }]);
  const second = list.getByRole("listitem", { name: /^MNIST and .* \(2\)$/ });
  await second.getByRole("button", { name: "Open" }).click();
  await openView(page, "denoise");
  await expect(ofSymbol).toBeVisible();
});

test("drawings of a symbol become a set of its own for a new network", { tag: "@long" }, async ({
  page,
}) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=quick");
  const dialog = await openPad(app);
  await drawHearts(page, dialog, 6);
  await dialog.getByLabel("Called").fill("7");
  await dialog.getByLabel("Learned by").selectOption({ label: "A new network" });
  await dialog.getByRole("button", { name: "Use these drawings" }).click();
  await expect(page.getByText("7 12,000 images, 400 to validate")).toBeVisible();

  // A model of digits learns another beside its own images, whatever is in use.
  await openPad(app);
  await drawHearts(page, dialog, 5);
  await dialog.getByLabel("Learned by").selectOption({ label: "Quick (trained model)" });
  await expect(dialog).toContainText("It becomes a class beside the digits");
  const teach = dialog.getByRole("button", { name: "Teach it" });
  const model = "**/models/pretrained-quick.safetensors*";
  await page.route(model, (route) => route.abort());
  await teach.click();
  await expect(dialog.getByRole("alert")).toContainText("could not be downloaded");
  await expect(dialog.getByText("5 drawings")).toBeVisible();
  await page.unroute(model);
  await teach.click();
  await app.waitForSteps(1);
  await app.button("Stop").click();
  await expect(page.getByText("MNIST and ♥ 32,000 images, 400 to validate")).toBeVisible();
  await expect(dialog).toBeHidden();
});

test("the keyboard opens the pad, stays within the dialog, and comes back to where it was", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=quick");
  const opener = app.button("Use other images…");
  await pressEnter(opener);
  const dialog = page.getByRole("dialog", { name: "Train on other images" });
  await pressEnter(dialog.getByRole("button", { name: "Draw a symbol…" }));
  await expect(dialog.getByLabel("Called")).toBeVisible();
  // The button that had the focus is gone.
  for (const _ of [1, 2, 3]) {
    await page.keyboard.press("Tab");
    await expect(dialog.locator(":focus")).toHaveCount(1);
  }
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
});
