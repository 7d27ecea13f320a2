/** The browser's side of `npm run bench:lab`: the page over made-up snapshots, without a worker. */
import { createRoot } from "react-dom/client";
import { fitGrid, paintDigits } from "../../src/app/shared/images/digitGrid.ts";
import { App } from "../../src/app/shell/App.tsx";
import { themeSheet } from "../../src/app/shell/theme/theme.ts";
import { connect } from "../../src/app/state/client/client.ts";
import { newRun } from "../../src/app/state/slices/run.ts";
import { createAppStore } from "../../src/app/state/store.ts";
import { madeEvolution } from "../madeEvolution.ts";
import { type Smoothness, scrub } from "./scrub.ts";

export interface ScrubFigures extends Smoothness {
  /** Median of writing all digits into the canvas. */
  paintMs: number;
}

declare global {
  interface Window {
    benchmarkScrubbing: typeof benchmarkScrubbing;
  }
}

const query = new URLSearchParams(window.location.search);
const number = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise);
const made = madeEvolution({
  numSnapshots: number("snapshots", 110),
  count: number("digits", 16),
  numFrames: number("frames", 11),
  stepsPerEpoch: number("stepsPerEpoch", 469),
});

const store = createAppStore(new URLSearchParams("view=evolution"));
const silent = { onmessage: null, onerror: null, onmessageerror: null };
const client = connect(() => ({ ...silent, postMessage() {}, terminate() {} }), store, "wasm");
const { config } = store.getState();
const size = { numParameters: 1, stepsPerEpoch: number("stepsPerEpoch", 469), totalSteps: 50_000 };
const { snapshots, steps, epochs } = made;
store.setState({
  run: {
    ...newRun({ runId: "made", name: "Made up", dataset: { id: "mnist", name: "MNIST" }, config }),
    steps,
    epochs,
    status: "finished",
    size: { ...size, numThreads: 1, microBatchSize: 1, startedFrom: null },
  },
  evolution: { runId: "made", snapshots },
});

document.adoptedStyleSheets.push(themeSheet());
createRoot(document.getElementById("root") as HTMLElement).render(
  <App store={store} client={client} />,
);

/** @param axis through `training` or `denoising` */
async function benchmarkScrubbing(
  axis: "training" | "denoising",
  seconds: number,
): Promise<ScrubFigures> {
  const smoothness = await scrub({
    keys: axis === "training" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"],
    length: axis === "training" ? snapshots.length : (snapshots[0]?.numFrames ?? 1),
    place: () => placeOn(axis),
    seconds,
  });
  return { ...smoothness, paintMs: medianPaintMs() };
}

/** What the slider of an axis says. */
function placeOn(axis: "training" | "denoising"): number {
  const orientation = axis === "training" ? "horizontal" : "vertical";
  const slider = document.querySelector(`[role=slider][aria-orientation=${orientation}]`);
  return Number(slider?.getAttribute("aria-valuenow"));
}

function medianPaintMs(): number {
  const [{ count, pixels, numFrames }] = snapshots as [(typeof snapshots)[0]];
  const grid = fitGrid(count, { width: 500, height: 500, devicePixelRatio: 1 });
  const context = new OffscreenCanvas(grid.width, grid.height).getContext("2d");
  const image = new ImageData(grid.width, grid.height);
  const times = Array.from({ length: 101 }, (_, i) => {
    const numPixels = pixels.length / numFrames;
    const frame = i % numFrames;
    const startMs = performance.now();
    paintDigits(image.data, pixels.subarray(frame * numPixels, (frame + 1) * numPixels), grid);
    context?.putImageData(image, 0, 0);
    return performance.now() - startMs;
  });
  return times.toSorted((a, b) => a - b)[50] ?? 0;
}

window.benchmarkScrubbing = benchmarkScrubbing;
