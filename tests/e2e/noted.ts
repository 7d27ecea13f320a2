import type { Page } from "@playwright/test";

/**
 * Notes from now on what passes on the page: whenever the page has changed, `read` runs in it, and its value is kept if it is
 * another than the one before. A test that waits until it sees such a thing comes too late where that is soon over.
 *
 * @returns gives all values so far
 */
export async function noted(page: Page, read: () => string | null | undefined) {
  // The page's policy does not let it make functions of text, so the whole call goes there as text.
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

/** Reads the name of the button that plays a film, which is Pause meanwhile. */
export const playName = () =>
  [...document.querySelectorAll("button[aria-label=Play], button[aria-label=Pause]")].find(
    (button) => button.checkVisibility(),
  )?.ariaLabel;

/** Reads what the benchmark measures now. */
export const benchmarkPart = () =>
  document
    .querySelector("[role=progressbar][aria-label=Benchmark]")
    ?.closest("div:has(> div > span)")
    ?.querySelector("span")?.textContent;

/** Reads the name of a button that has copied something, which it has for a moment. */
export const copiedName = () =>
  [...document.querySelectorAll("dialog button")].find(
    ({ textContent }) => textContent === "Copied",
  )?.textContent;

/** Reads which step of denoising is seen. Train's slider is on the page as well, but hidden. */
export const denoisingStep = () =>
  [...document.querySelectorAll("[aria-label='Denoising step']")]
    .find((slider) => slider.checkVisibility())
    ?.getAttribute("aria-valuetext");
