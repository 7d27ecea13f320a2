import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { pictureOf } from "./charts.ts";
import { expect, test } from "./labRun.ts";

const block = (page: Page, name: string) =>
  page.getByRole("button").and(page.locator(`[data-block="${name}"]`));

const total = (page: Page, text: string) =>
  page.getByText(text, { exact: true }).filter({ visible: true }).first();

test("the network of the settings is drawn with its numbers, a block tells its tensors, and it fits a narrow screen", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.goToAddress("view=model&preset=assignment");
  await expect(page.getByRole("heading", { name: "Network from current settings" })).toBeVisible();
  await expect(total(page, "3,434,017")).toBeVisible();
  await expect(page.locator("svg [data-block]")).toHaveCount(31);

  await block(page, "mid_attn").click();
  const tensors = page.getByRole("table", { name: "Tensors of mid_attn" });
  await expect(tensors.getByRole("row", { name: "mem_kv 2 × 4 × 4 × 32 1,024" })).toBeVisible();
  await expect(tensors.getByRole("row", { name: "to_qkv.weight 384 × 160 × 1 × 1" })).toBeVisible();

  await page.setViewportSize({ width: 390, height: 844 });
  await block(page, "ups.2.3").click();
  await expect(page.getByRole("table", { name: "Tensors of ups.2.3" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  const ends = await page.locator("svg [data-block]").evaluateAll((blocks) =>
    blocks.map((b) => {
      const { left, right } = b.getBoundingClientRect();
      return [left, right];
    }),
  );
  for (const [left = 0, right = 0] of ends) {
    expect(left).toBeGreaterThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(390);
  }
});

test("the drawing has a table with the same blocks and the same total, and is saved as a picture of twice its size", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("view=model&preset=tiny");
  const size = await page.locator("svg:has([data-block])").boundingBox();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save PNG" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("unet-49417-parameters.png");
  const { width, height, colors } = pictureOf({ bytes: readFileSync(await download.path()) });
  expect([width, height]).toEqual([2 * (size?.width ?? 0), 2 * (size?.height ?? 0)]);
  // Something is drawn: blocks, lines and letters in many colors.
  expect(colors.size).toBeGreaterThan(50);

  await page.getByText("Table of all blocks").click();
  const rows = page.getByRole("table", { name: /Blocks of the U-Net/ }).locator("tbody tr");
  await expect(rows).toHaveCount(await page.locator("svg [data-block]").count());
  const counts = await rows.locator("td:nth-child(4)").allInnerTexts();
  const sum = counts.reduce((before, text) => before + Number(text.replaceAll(",", "")), 0);
  expect(sum).toBe(49_417);
  await expect(total(page, "49,417")).toBeVisible();
});

test("with the keyboard alone one goes through the blocks and points at a setting's effect", async ({
  lab,
}) => {
  const { page } = lab;
  await lab.goToAddress("view=model&preset=tiny");
  await block(page, "init_conv").focus();
  await page.keyboard.press("ArrowDown");
  await expect(block(page, "time_mlp")).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(block(page, "downs.0.0")).toBeFocused();
  await expect(page.getByRole("table", { name: "Tensors of downs.0.0" })).toBeVisible();
  await page.keyboard.press("End");
  await expect(block(page, "final_conv")).toBeFocused();

  // One stop of the Tab key, between the picture and the settings.
  await page.keyboard.press("Shift+Tab");
  await expect(page.getByRole("button", { name: "Save PNG" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  const own = page.getByRole("button", { name: "Base width 8 now" });
  await expect(own).toBeFocused();
  await expect(own).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator("svg [data-touched]")).toHaveCount(0);
  await page.keyboard.press("Tab");
  const wider = page.getByRole("button", { name: /^Base width 16 ×3\./ });
  await expect(wider).toBeFocused();
  await expect(wider).toHaveAccessibleDescription(/^Base width 16 instead of 8: 23 of 23 blocks/);
  await expect(page.locator("svg [data-touched]")).toHaveCount(
    await page.locator("svg [data-block]").count(),
  );
  await page.keyboard.press("Enter");
  await expect(block(page, "init_conv")).toHaveAccessibleName(/Conv 7×7.*1 → 16/);
  await expect(page).toHaveURL(/dim=16/);
});

test("a value that is taken moves none of them, and the drawing is not greyed", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("view=model&preset=tiny");
  const values = page.getByRole("button", { name: /^(Base width|Width multipliers|Dropout) / });
  const places = () =>
    values.evaluateAll((buttons) =>
      buttons.map((button) => JSON.stringify(button.getBoundingClientRect())),
    );
  await expect(page.locator("svg[data-touching]")).toHaveCount(0);
  await expect(values.first()).toBeVisible();
  const before = await places();
  expect(before.length).toBeGreaterThan(8);
  for (const name of [/^Base width 32 /, /^Width multipliers 1, 2, 4 /, /^Dropout 0\.1 /]) {
    await page.getByRole("button", { name }).click();
    await expect(page.getByRole("button", { name })).toHaveAttribute("aria-pressed", "true");
    expect(await places()).toEqual(before);
    await expect(page.locator("svg[data-touching]")).toHaveCount(0);
  }
});

test("settings that are no network are said, not drawn", { tag: "@long" }, async ({ lab }) => {
  const { page } = lab;
  await lab.goToAddress("view=model&preset=tiny&dimMults=1,2,2,2");
  await expect(page.getByRole("alert")).toContainText("At most 3 levels");
  await expect(page.locator("svg [data-block]")).toHaveCount(0);
});
