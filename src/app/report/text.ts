/** What people read in the web page of a run. Pure. */
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { counted, epochWord, formatCount } from "../../runtime/format.ts";
import { trainingWords } from "../features/evolution/text.ts";

export const PAGE_FOOT =
  "Trained and made with Diffusion MNIST, which trains diffusion models in the browser.";

export const NETWORK_IS_HERE =
  "The trained network is in this page. It draws new digits in your browser.";

export const NO_PREVIEWS =
  "This run was trained without previews, so there is no evolution to show.";

/** Where a browser has not even begun to run the network. */
export const NOT_STARTED =
  "This browser does not let the network run in a page from a file or a frame. Open the page in a tab of its own, or in another browser.";

/** @param reason of the browser; empty where it gives none */
export function formatFailed(reason: string): string {
  const why = reason || "the browser ended the worker, perhaps for lack of memory";
  return `Drawing failed: ${why}. Press Generate to try again, with fewer digits where memory is short.`;
}

export function formatCannotRun(problem: string): string {
  return `This network cannot run in a web page: ${problem}`;
}

export function formatNewest(
  count: number,
  step: number,
  { config, stepsPerEpoch }: { config: RunConfig; stepsPerEpoch: number },
): string {
  const training = trainingWords(step, stepsPerEpoch, epochWord(config));
  return `${counted(count, "digit")} of this run, ${training}`;
}

export function formatFewerPreviews(numShown: number, numPreviews: number): string {
  return `${formatCount(numShown)} of ${formatCount(numPreviews)} previews, to keep this page small`;
}

export function formatPreset(label: string): string {
  return `All are those of the preset ${label}.`;
}
