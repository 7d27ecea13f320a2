import { createHash } from "node:crypto";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { AppPage } from "./app.ts";
import { waitUntilKept } from "./kept.ts";
import { serveStatically } from "./staticHost.ts";

const TINY = "?backend=wasm&preset=tiny&previewEvery=0&epochs=10000";
const OLD = "Diffusion MNIST";
const NEW = "Diffusion MNIST, new version";

test.use({ serviceWorkers: "allow" });

test("a new version is offered, leaves a run alone, and comes when one says so", {
  tag: "@long",
}, async ({ page, context }) => {
  const folder = mkdtempSync(join(tmpdir(), "diffusion-mnist-"));
  cpSync("dist", folder, { recursive: true });
  const host = await serveStatically(folder, "/some/sub-path/");
  try {
    const app = new AppPage(page);
    const offer = page.getByRole("note").filter({ hasText: "A new version is ready" });
    let numQuestions = 0;
    page.on("dialog", (dialog) => {
      numQuestions++;
      return dialog.accept();
    });
    await app.openWithFewImages(`${host.url}${TINY}`);
    await waitUntilKept(page);
    await app.train.click();
    await app.waitForSteps(3);
    await expect(offer).toBeHidden();

    publishNewVersion(folder);
    await checkForNewVersion(page);
    await expect(offer).toContainText("Reloading now interrupts the run");
    const { length: numSteps } = await app.losses();
    await app.waitForSteps(numSteps + 3);
    await expect(page).toHaveTitle(new RegExp(`^[0-9.]+ % – ${OLD}$`));
    // What the old version loads late is no longer on the host.
    await app.openBenchmark();
    await expect(page.getByText("Pause or stop it first")).toBeVisible();
    await page.keyboard.press("Escape");

    // Reloading by itself changes nothing, and asks, as always during a run.
    await page.reload();
    expect(numQuestions).toBe(1);
    await expect(page).toHaveTitle(OLD);
    await expect(offer).toContainText("your next visit");
    await offer.getByRole("button", { name: "Not now" }).click();
    await expect(offer).toBeHidden();

    await page.reload();
    await app.train.click();
    await app.waitForSteps(1);
    const otherTab = await context.newPage();
    await otherTab.goto(host.url);
    await expect(otherTab.getByText("A new version is ready")).toBeVisible();
    await offer.getByRole("button", { name: "Reload" }).click();
    await expect(offer).toContainText("Another tab");
    await expect(page).toHaveTitle(new RegExp(`${OLD}$`));
    await otherTab.close();
    await expect(offer).toContainText("Reloading now interrupts the run");

    await offer.getByRole("button", { name: "Reload" }).click();
    await expect(page).toHaveTitle(NEW);
    // The offer had said that the run would end.
    expect(numQuestions).toBe(1);
    await expect(page.getByText("40 images, 8 to validate")).toBeVisible();
    await app.train.click();
    await app.waitForSteps(1);
    await app.openBenchmark();
    await expect(page.getByText("Pause or stop it first")).toBeVisible();
    await expect(offer).toBeHidden();
  } finally {
    await host.close();
    rmSync(folder, { recursive: true });
  }
});

test("a version of which a file is not uploaded yet, and the host sends its start page instead, is not taken; the old one works on until the host is whole", {
  tag: "@long",
}, async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "diffusion-mnist-"));
  cpSync("dist", folder, { recursive: true });
  const host = await serveStatically(folder, "/some/sub-path/", {}, "index.html");
  try {
    const app = new AppPage(page);
    const offer = page.getByRole("note").filter({ hasText: "A new version is ready" });
    await app.openWithFewImages(`${host.url}${TINY}`);
    await waitUntilKept(page);

    publishNewVersion(folder);
    const late = join(folder, "assets", NEW_LATE);
    renameSync(late, `${late}.later`);
    await checkForNewVersion(page);
    await expect.poll(() => versionStates(page)).toEqual(["activated"]);
    await expect(offer).toBeHidden();
    await page.reload();
    await expect(page).toHaveTitle(OLD);
    await app.train.click();
    await app.waitForSteps(1);
    await app.button("Stop").click();

    renameSync(`${late}.later`, late);
    await checkForNewVersion(page);
    await offer.getByRole("button", { name: "Reload" }).click();
    await expect(page).toHaveTitle(NEW);
    await app.openBenchmark();
    await expect(page.getByRole("dialog", { name: "Benchmark this device" })).toBeVisible();
  } finally {
    await host.close();
    rmSync(folder, { recursive: true });
  }
});

/** What the browser has of the page's versions: the one that answers, one that waits, one that is being fetched. */
function versionStates(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { active, waiting, installing } = (await navigator.serviceWorker.getRegistration()) ?? {};
    return [active, waiting, installing].flatMap((version) => version?.state ?? []);
  });
}

const NEW_LATE = "BenchmarkDialog-new.js";

/** Makes another build of one: another title, and another name for a file that is loaded late. */
function publishNewVersion(folder: string) {
  const assets = join(folder, "assets");
  const late = readdirSync(assets).find((name) => /^BenchmarkDialog-.*\.js$/.test(name)) as string;
  const lateSource = readFileSync(join(assets, late));
  rmSync(join(assets, late));
  writeFileSync(join(assets, NEW_LATE), lateSource);
  for (const name of readdirSync(assets).filter((name) => name.endsWith(".js"))) {
    rewrite(join(assets, name), (text) => text.replaceAll(late, NEW_LATE));
  }
  rewrite(join(folder, "index.html"), (text) => text.replace(`<title>${OLD}`, `<title>${NEW}`));
  rewrite(join(folder, "sw.js"), (text) =>
    text
      .replaceAll(late, NEW_LATE)
      .replaceAll(/revision:"[0-9a-f]{16}"/g, 'revision:"new"')
      .replaceAll(/(url:"([^"]+\.(?:js|html))"[^}]*?integrity:")[^"]*/g, (_, before, url) => {
        const bytes = readFileSync(join(folder, url));
        return `${before}sha384-${createHash("sha384").update(bytes).digest("base64")}`;
      }),
  );
}

function rewrite(path: string, change: (text: string) => string) {
  const text = readFileSync(path, "utf8");
  const changed = change(text);
  if (changed !== text) writeFileSync(path, changed);
}

/** As the browser does at the next visit, and by itself after a day. */
async function checkForNewVersion(page: Page) {
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.update());
}
