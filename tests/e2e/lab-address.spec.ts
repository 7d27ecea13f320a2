import { expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";

const baseWidth = (page: Page) => page.getByRole("textbox", { name: "Base width" });

test("a link brings the set-up to another browser: settings, backend, view and how charts are drawn", {
  tag: "@lab",
}, async ({ page, browser }) => {
  const app = new AppPage(page);
  await app.open("?preset=tiny&backend=wasm");
  await page.getByRole("textbox", { name: "Learning rate" }).fill("0.003");
  await page.getByRole("link", { name: "Charts", exact: true }).click();
  await page.getByText("Epoch", { exact: true }).filter({ visible: true }).click();
  await expect(page).toHaveURL(/x=epoch/);
  const link = page.url();

  const context = await browser.newContext({ serviceWorkers: "block" });
  const other = await context.newPage();
  await other.addInitScript(() => localStorage.setItem("first-steps", "done"));
  await other.goto(link);
  await expect(other.getByRole("heading", { name: "Charts" })).toBeVisible();
  await expect(other.getByRole("radio", { name: "Epoch" })).toBeChecked();
  await other.getByRole("link", { name: "Train", exact: true }).click();
  await expect(other.getByRole("textbox", { name: "Learning rate" })).toHaveValue("0.003");
  await expect(other.getByRole("radio", { name: "Tiny" })).toBeChecked();
  await expect(other.getByRole("button", { name: /WebAssembly/ })).toBeVisible();
  await context.close();
});

test("going back changes the view and nothing else, and the address still says what the page has", {
  tag: "@lab",
}, async ({ page }) => {
  const app = new AppPage(page);
  await app.open("?preset=tiny&backend=wasm");
  await page.getByRole("link", { name: "Model" }).click();
  await page.getByRole("button", { name: /^Base width 16 ×/ }).click();
  await expect(page).toHaveURL(/dim=16/);
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  await expect(page).toHaveURL(/dim=16/);
  await expect(page).not.toHaveURL(/view=/);
  await page.goForward();
  await expect(page.getByRole("heading", { name: /The network of the settings/ })).toBeVisible();
  await expect(page).toHaveURL(/dim=16.*view=model|view=model.*dim=16/);
  await page.reload();
  await page.getByRole("link", { name: "Train", exact: true }).click();
  await page.getByRole("button", { name: "Network" }).click();
  await expect(baseWidth(page)).toHaveValue("16");
});
