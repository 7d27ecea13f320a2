import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, type Locator, test } from "@playwright/test";
import type * as Module from "../../src/hosts/embed/digits.ts";

const BUILT = join(import.meta.dirname, "../../dist/embed");

/** What the module itself draws, here in Node. */
async function drawn(drawing: Module.Drawing): Promise<number[]> {
  const { href } = pathToFileURL(join(BUILT, "digits.js"));
  const { loadDigits }: typeof Module = await import(href);
  const network = await loadDigits(readFileSync(join(BUILT, "weights.safetensors")));
  return [...(await network.draw(drawing))];
}

/** A page that has module and weights in itself. */
function pageWithAll(): string {
  const [code, weights] = ["digits.js", "weights.safetensors"].map((name) =>
    readFileSync(join(BUILT, name), "base64"),
  );
  return `<!doctype html><canvas role="img" aria-label="1"></canvas><script type="module">
    const { loadDigits, paintDigits } = await import("data:text/javascript;base64,${code}");
    const weights = Uint8Array.from(atob("${weights}"), (sign) => sign.charCodeAt(0));
    const network = await loadDigits(weights);
    paintDigits(document.querySelector("canvas"), await network.draw({ digits: [1], steps: 1 }));
  </script>`;
}

/** Digit by digit, the opacity of each pixel; and the colors of the opaque ones. */
function painted(canvas: Locator) {
  return canvas.evaluate((element: HTMLCanvasElement) => {
    const { width, height } = element;
    const context = element.getContext("2d") as CanvasRenderingContext2D;
    const { data } = context.getImageData(0, 0, width, height);
    const opacities: number[] = [];
    const colors = new Set<string>();
    for (let digit = 0; digit < width / 28; digit++) {
      for (let i = 0; i < 28 * 28; i++) {
        const at = 4 * (Math.floor(i / 28) * width + digit * 28 + (i % 28));
        opacities.push(data[at + 3] as number);
        if (data[at + 3] === 255) colors.add(String(data.slice(at, at + 3)));
      }
    }
    return { opacities, colors: [...colors] };
  });
}

for (const [colorScheme, ink] of [
  ["light", "0,0,0"],
  ["dark", "255,255,255"],
] as const) {
  test(`the example page writes what one types, ${colorScheme}`, {
    tag: colorScheme === "dark" ? "@long" : [],
  }, async ({ page }) => {
    const requests: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    await page.emulateMedia({ colorScheme });
    await page.goto("/embed/");
    const input = page.getByLabel("Type a number");
    const canvas = page.getByRole("img", { name: "The number, drawn by a network" });
    await input.fill("42");
    const expected = await drawn({ digits: [4, 2] });
    await expect(async () => {
      expect((await painted(canvas)).opacities).toEqual(expected);
    }).toPass({ timeout: 30_000 });
    expect((await painted(canvas)).colors).toEqual([ink]);

    await input.fill("");
    await expect(canvas).toBeHidden();
    await input.fill("7");
    await expect(async () => {
      expect((await painted(canvas)).opacities).toEqual(await drawn({ digits: [7] }));
    }).toPass({ timeout: 30_000 });
    // Its own files alone, each once.
    const names = ["", "example.css", "example.js", "digits.js", "weights.safetensors"];
    expect(requests.sort()).toEqual(names.map((name) => `/embed/${name}`).sort());
  });
}

test("a page that has module and weights in itself draws from disk, without a request", {
  tag: "@long",
}, async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "embed-"));
  try {
    const path = join(folder, "digits.html");
    writeFileSync(path, pageWithAll());
    const requests: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).protocol));
    await page.goto(pathToFileURL(path).href);
    const expected = await drawn({ digits: [1], steps: 1 });
    await expect(async () => {
      expect((await painted(page.getByRole("img"))).opacities).toEqual(expected);
    }).toPass({ timeout: 30_000 });
    expect(requests.filter((protocol) => protocol !== "data:")).toEqual(["file:"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
