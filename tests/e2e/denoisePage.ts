import { expect, type Locator } from "@playwright/test";
import { AppPage } from "./app.ts";
import type { LabPage } from "./labRun.ts";

/** The denoising view as a person sees it. */
export class DenoisePage extends AppPage {
  get form() {
    return this.page.getByRole("form", { name: "What to generate" });
  }

  get outcome() {
    return this.form.getByText(/^(Done in|Cancelled|Stopped)/);
  }

  get heading() {
    return this.page.getByRole("heading", { name: /^Digit \d/ });
  }

  get play() {
    return this.button("Play");
  }

  image(name: string | RegExp) {
    return this.page.getByRole("img", { name });
  }

  /** Of the first generation, or of the only one. */
  get grid() {
    return this.image(/digits? (of|from|after|by)/).first();
  }

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

/** The view of a network that is not trained; without waiting for images or a backend. */
export async function openDraw(lab: LabPage, query: string): Promise<DenoisePage> {
  await lab.goToAddress(`preset=tiny&view=denoise&${query}`);
  const app = new DenoisePage(lab.page);
  await expect(app.form).toBeVisible();
  return app;
}
