import {
  type Box,
  CHARTS,
  chart,
  drag,
  expectZoom,
  openCharts,
  pathOf,
  plotOf,
  zoomOf,
} from "./charts.ts";
import { expect, test } from "./labRun.ts";

test("a drag zooms all charts, and what can be seen is told in the address", async ({ lab }) => {
  const { page } = lab;
  await openCharts(lab);
  const [loss, norm] = [chart(page, "Loss"), chart(page, "Gradient norm")];
  const before = await pathOf(norm.locator("[data-curve=gradientNorm] path"));
  const reset = page.getByRole("button", { name: "Reset zoom" });
  await expect(reset).toBeDisabled();
  await drag(page, plotOf(loss), 0.25, 0.75);
  await expect(reset).toBeEnabled();
  await expect(norm.locator("[data-curve=gradientNorm] path")).not.toHaveAttribute("d", before);
  await expectZoom(page, 150, 450);

  // Before the end of the first epoch there is none: that is not to say that there are no epochs.
  await reset.click();
  await drag(page, plotOf(loss), 0.02, 0.12);
  const byTimestep = chart(page, "Validation loss by timestep");
  const all = byTimestep.getByRole("button", { name: "Show all" });
  await expect(all).toBeVisible();
  await expect(byTimestep.locator(".recharts-yAxis-tick-labels text")).toHaveCount(0);
  await expect(byTimestep.locator(".recharts-xAxis-tick-labels text").first()).toBeVisible();
  await all.click();
  await expect(plotOf(byTimestep)).toBeFocused();
  await expect(norm.locator("[data-curve=gradientNorm] path")).toHaveAttribute("d", before);
  await drag(page, plotOf(norm), 0.9, 0.4);
  await expectZoom(page, 240, 540);
  await plotOf(loss).dblclick();
  await expect(reset).toBeDisabled();
  await expect.poll(() => new URL(page.url()).searchParams.get("zoom")).toBeNull();
});

test("charts are read, zoomed and listed with the keyboard alone", { tag: "@long" }, async ({
  lab,
}) => {
  const { page } = lab;
  await openCharts(lab);
  const losses = (await lab.run()).steps.map(({ loss }) => loss.toFixed(4));
  const menu = page.getByRole("button", { name: "Save or table: Loss", exact: true });
  await menu.focus();
  await page.keyboard.press("Tab");
  const plot = plotOf(chart(page, "Loss"));
  await expect(plot).toBeFocused();
  await page.keyboard.press("Home");
  await expect(plot).toHaveAttribute(
    "aria-valuetext",
    `Step 1: each step ${losses[0]}, smoothed ${losses[0]}`,
  );
  const step = () => plot.getAttribute("aria-valuenow").then(Number);
  await page.keyboard.press("ArrowRight");
  await expect.poll(step).toBeGreaterThan(1);
  const next = await step();
  await expect(plot).toHaveAttribute(
    "aria-valuetext",
    new RegExp(`^Step ${next}: each step ${losses[next - 1]}`),
  );
  await page.keyboard.press("End");
  await expect(plot).toHaveAttribute("aria-valuenow", "600");
  await page.keyboard.press("+");
  await expectZoom(page, 300, 600);
  await page.keyboard.press("Home");
  await expect(plot).toHaveAttribute("aria-valuenow", "300");
  await page.keyboard.press("-");
  await expect.poll(() => zoomOf(page)).toBeNull();
  await page.keyboard.press("+");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Reset zoom" })).toBeDisabled();

  await page.keyboard.press("Shift+Tab");
  await expect(menu).toBeFocused();
  await page.keyboard.press("Enter");
  const inMenu = (name: string) => page.locator(":popover-open").getByRole("button", { name });
  await expect(inMenu("PNG picture")).toBeFocused();
  await page.keyboard.press("End");
  await expect(inMenu("Table")).toBeFocused();
  await page.keyboard.press("Enter");
  const table = page.getByRole("dialog", { name: "Loss" });
  await expect(table.getByRole("row", { name: `1 ${losses[0]}` })).toBeVisible();
  await expect(table.getByRole("row", { name: `600 ${losses[599]}` })).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(table).toHaveCount(0);
});

test("on a telephone the charts stand one below the other, and a finger zooms", {
  tag: "@long",
}, async ({ lab }) => {
  const { page } = lab;
  await page.setViewportSize({ width: 390, height: 844 });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  await openCharts(lab);
  let lastBottom = 0;
  for (const title of CHARTS) {
    const box = (await chart(page, title).boundingBox()) as Box;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(390);
    expect(box.y).toBeGreaterThan(lastBottom);
    lastBottom = box.y + box.height;
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

  const plot = plotOf(chart(page, "Loss"));
  await plot.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await plot.boundingBox()) as Box;
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", place?: number) =>
    devtools.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: place === undefined ? [] : [{ x: x + place * width, y: y + height / 2 }],
    });
  await touch("touchStart", 0.25);
  for (const place of [0.3, 0.4, 0.5, 0.6, 0.75]) await touch("touchMove", place);
  await touch("touchEnd");
  await expectZoom(page, 150, 450);
});
