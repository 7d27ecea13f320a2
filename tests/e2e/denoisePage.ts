import { expect, type Locator, type Page } from "@playwright/test";
import { AppPage } from "./app.ts";

/** The denoising view as a person sees it. */
export class DenoisePage extends AppPage {
  get form() {
    return this.page.getByRole("form", { name: "What to generate" });
  }

  get outcome() {
    return this.form.getByText(/^(Done in|Cancelled|Ended)/);
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
    return this.image(/digits? (of|after)/).first();
  }

  async openView(query = "") {
    await this.open(`?backend=wasm&preset=tiny&${query}`);
    await this.page.getByRole("link", { name: "Denoise" }).click();
    await expect(this.form).toBeVisible();
  }

  async goTo(view: "Train" | "Denoise") {
    await this.page.getByRole("link", { name: view, exact: true }).click();
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
    return canvas.evaluate((element: HTMLCanvasElement) => {
      const { width, height } = element;
      const data = element.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
      return { width, greys: Array.from({ length: width * height }, (_, i) => data[4 * i] ?? 0) };
    });
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

export async function openView(page: Page, query: string): Promise<DenoisePage> {
  const app = new DenoisePage(page);
  await app.openView(query);
  return app;
}
