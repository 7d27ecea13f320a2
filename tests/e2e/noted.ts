import type { Page } from "@playwright/test";

/**
 * From now on notes what passes: `read`, which runs in the page whenever that has changed, tells what is to be noted, and
 * each value other than the one before is kept. Who waits until such a thing is seen comes too late where it is soon over.
 *
 * @returns asks for all so far
 */
export async function noted(page: Page, read: () => string | null | undefined) {
  // As text: the page's policy lets it make no functions of what it is given.
  const values = await page.evaluateHandle<string[]>(`(() => {
    const read = ${read};
    const values = [];
    const note = () => {
      const value = read() ?? values.at(-1);
      if (value !== values.at(-1)) values.push(value);
    };
    const all = { subtree: true, childList: true, characterData: true, attributes: true };
    new MutationObserver(note).observe(document, all);
    note();
    return values;
  })()`);
  return () => values.jsonValue();
}

/** To be noted: the name of the button that plays a film, which is Pause meanwhile. */
export const playName = () =>
  [...document.querySelectorAll("button[aria-label=Play], button[aria-label=Pause]")].find(
    (button) => button.checkVisibility(),
  )?.ariaLabel;

/** To be noted: what the benchmark measures. */
export const benchmarkPart = () =>
  document
    .querySelector("[role=progressbar][aria-label=Benchmark]")
    ?.closest("div:has(> div > span)")
    ?.querySelector("span")?.textContent;

/** To be noted: that a button for copying says it has, which it does for a moment. */
export const copiedName = () =>
  [...document.querySelectorAll("dialog button")].find(
    ({ textContent }) => textContent === "Copied",
  )?.textContent;

/** To be noted: at which step the denoising is that is seen. Train's slider is there too, hidden. */
export const denoisingStep = () =>
  [...document.querySelectorAll("[aria-label='Denoising step']")]
    .find((slider) => slider.checkVisibility())
    ?.getAttribute("aria-valuetext");
