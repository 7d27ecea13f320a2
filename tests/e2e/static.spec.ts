import { expect, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { launchOptions } from "./launch.ts";
import { serveStatically } from "./staticHost.ts";

const args = launchOptions.args.filter((arg) => !arg.includes("webgpu"));

test.use({
  launchOptions: { ...launchOptions, args: [...args, "--disable-gpu"] },
});

test("without WebGPU and without shared memory, under a sub-path of a static host, it still trains", async ({
  page,
}) => {
  const host = await serveStatically("dist", "/some/sub-path/");
  try {
    const foreign: string[] = [];
    page.on("request", (request) => {
      const address = request.url();
      if (!address.startsWith(host.url) && !/^(blob|data):/.test(address)) foreign.push(address);
    });
    const app = new AppPage(page);
    await app.open(`${host.url}?preset=tiny`);
    expect(await page.evaluate(() => navigator.gpu.requestAdapter())).toBeNull();
    expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(false);
    await expect(app.button(/^WebAssembly SIMD, \d threads?$/)).toBeVisible();
    // Once closed, the note stays closed, until there is another reason.
    const note = page.getByRole("note").filter({ hasText: "found no graphics adapter" });
    const close = note.getByRole("button", { name: "Close this note" });
    await close.click();
    await expect(note).toHaveCount(0);
    await page.reload();
    await expect(app.button(/^WebAssembly SIMD/)).toBeVisible();
    await expect(note).toHaveCount(0);
    await page.evaluate(() => localStorage.setItem("closed-backend-advice", '"Another reason."'));
    await page.reload();
    await expect(close).toBeVisible();

    await app.button("Train").click();
    await app.waitForSteps(5);
    expect((await app.losses()).every(Number.isFinite)).toBe(true);
    expect(foreign).toEqual([]);
  } finally {
    await host.close();
  }
});
