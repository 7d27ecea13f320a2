import { expect, type Locator, type Page } from "@playwright/test";
import { AppPage, openView } from "./app.ts";
import type { LabPage } from "./labRun.ts";

/** The denoising view as a person sees it. */
export class DenoisePage extends AppPage {
  get form() {
    return this.page.getByRole("form", { name: "What to generate" });
  }

  /** How a side is drawn, while two are compared. */
  side(side: "A" | "B") {
    return this.page.getByRole("group", { name: `How ${side} is drawn` });
  }

  /** Unfolds how digits are drawn. */
  async unfold() {
    const fold = this.form.locator("details", { hasText: "Sampler settings" });
    if ((await fold.getAttribute("open")) === null) await fold.locator("summary").click();
  }

  /** Chooses what one begins with: a picture, and which of its kinds. */
  async beginWith(
    picture: "Noise" | "Drawing" | "Fill in" | "Change" | "Mix" | "Two readings",
    kind?: string,
  ) {
    await this.form.locator("fieldset label").filter({ hasText: picture }).click();
    if (kind !== undefined) await this.form.getByText(kind, { exact: true }).click();
  }

  get outcome() {
    return this.form.getByText(/^(Done in|Cancelled|Stopped)/);
  }

  get heading() {
    return this.page.getByRole("heading", { name: /^(Digit|Image) \d/ });
  }

  get play() {
    return this.button("Play");
  }

  image(name: string | RegExp, options: { exact?: boolean } = {}) {
    return this.page.getByRole("img", { name, ...options });
  }

  /** Of the first generation, or of the only one. */
  get grid() {
    return this.image(/(digit|image)s? (of|from|after|by)/).first();
  }

  /** Asks for digits, and waits until they are done. */
  async generate() {
    await this.form.getByRole("button", { name: "Generate" }).click();
    await expect(this.outcome).toBeVisible();
  }

  async expectStep(words: string | RegExp) {
    await expect(this.slider).toHaveAttribute("aria-valuetext", words);
  }

  /** The grey levels of a canvas, in rows, once it has been drawn. */
  async greys(canvas: Locator): Promise<{ width: number; greys: number[] }> {
    await this.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    const { width, base64 } = await canvas.evaluate((element: HTMLCanvasElement) => {
      const { width, height } = element;
      const data = element.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
      let text = "";
      for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(data[i] ?? 0);
      return { width, base64: btoa(text) };
    });
    return { width, greys: [...Buffer.from(base64, "base64")] };
  }

  /** The grey levels of one digit of a grid. */
  async digit(canvas: Locator, place: number): Promise<number[]> {
    return digitOf(await this.greys(canvas), place);
  }
}

/** One digit of the grey levels of a grid. */
export function digitOf(
  { width, greys }: { width: number; greys: readonly number[] },
  place: number,
): number[] {
  const columns = (width + 2) / 30;
  const [left, top] = [30 * (place % columns), 30 * Math.floor(place / columns)];
  return Array.from(
    { length: 784 },
    (_, i) => greys[(top + Math.floor(i / 28)) * width + left + (i % 28)] as number,
  );
}

export function meanDifference(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;
}

/** The view of a network that is not trained; without waiting for images or a backend. Where there is room its settings are unfolded. */
export async function openDraw(lab: LabPage, query: string): Promise<DenoisePage> {
  const untrained = "network=untrained&networkB=untrained";
  await lab.goToAddress(`preset=tiny&view=denoise&${untrained}&${query}`);
  const app = new DenoisePage(lab.page);
  await expect(app.form).toBeVisible();
  if ((lab.page.viewportSize()?.width ?? 0) > 940) await app.unfold();
  return app;
}

/** Draws digits in Draw with the network there is, in more steps than come by themselves, and stays there. */
export async function drawDigits(
  page: Page,
  { digits = 4, steps = 5, seed = 0 } = {},
): Promise<DenoisePage> {
  const app = new DenoisePage(page);
  await openView(page, "denoise");
  await app.unfold();
  await app.form.getByLabel("Steps", { exact: true }).fill(String(steps));
  await app.form.getByLabel(/^(Digits|Images)$/).fill(String(digits));
  await app.form.getByLabel("Seed", { exact: true }).fill(String(seed));
  await app.generate();
  return app;
}
