import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { chart, goToCharts, pictureOf, saved } from "./charts.ts";
import { DenoisePage } from "./denoisePage.ts";

test("the preset One level trains, and Charts shows what it makes of noise it has and has not seen", {
  tag: "@long",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.openWithFewImages("?backend=wasm&preset=oneLevel&epochs=10000&validateEvery=0", 800);
  await app.unfoldSettings();
  await page.getByRole("button", { name: "Diffusion", exact: true }).click();
  await expect(page.getByRole("textbox", { name: "Noise sigma" })).toHaveValue("0.5");
  await expect(page.getByRole("textbox", { name: "Diffusion steps T" })).toBeHidden();
  await app.train.click();
  await app.waitForSteps(20);
  await app.button("Pause").click();
  await expect(app.status).toContainText("Paused");

  await goToCharts(page);
  const title = "One pass at every noise level";
  const rows = chart(page, title).getByRole("row");
  // Those of the levels, of two kinds of pure noise, and the headings.
  await expect(rows).toHaveCount(10);
  await expect(chart(page, "Validation loss by timestep")).toBeHidden();
  await expect(rows.filter({ hasText: "trained" }).getByRole("rowheader")).toHaveText(/^0\.5/);
  for (const of of ["Noised with", "What the network makes of"]) {
    await expect(page.getByRole("img", { name: `${of} sigma 0.5`, exact: true })).toBeVisible();
  }
  await expect(page.getByRole("img", { name: "The mean digit of the training" })).toBeVisible();

  const csv = (await saved(page, title, "CSV")).bytes.toString();
  const [head, ...lines] = csv.trim().split("\r\n");
  expect(head).toBe("sigma,trained,noised,network,blur,blur_width");
  expect(lines).toHaveLength(10);
  const trained = lines.map((line) => line.split(",")).find(([sigma]) => sigma === "0.5");
  const [, isTrained, noised, network] = trained?.map(Number) ?? [];
  expect(isTrained).toBe(1);
  // After 20 steps it is better than doing nothing.
  expect(network).toBeLessThan(noised as number);
  const picture = pictureOf(await saved(page, title, "PNG picture"));
  // The digits are in it, which are black and white.
  for (const color of ["0,0,0", "255,255,255"]) expect(picture.colors).toContain(color);

  await goToCharts(page);
  await page.getByRole("link", { name: "Quality" }).click();
  await expect(app.button("Compare samplers")).toBeDisabled();
  await expect(page.getByText("knows one noise level and draws in one step")).toBeVisible();

  await page.getByRole("link", { name: "Draw", exact: true }).click();
  const draw = new DenoisePage(page);
  await draw.beginWith("Change");
  await expect(draw.form.getByText(/^This network knows one noise level/).last()).toBeInViewport();
  await expect(draw.button("Generate")).toBeDisabled();
});
