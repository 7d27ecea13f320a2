/** The browser's side of `npm run bench:lab`: the page over made-up snapshots, without a worker. */
import { createRoot } from "react-dom/client";
import { connect } from "../../src/store/client.ts";
import { newRun } from "../../src/store/run.ts";
import { createAppStore } from "../../src/store/store.ts";
import { App } from "../../src/ui/App.tsx";
import { fitGrid, paintDigits } from "../../src/ui/digitGrid.ts";
import { themeSheet } from "../../src/ui/themeSheet.ts";
import { madeEvolution } from "../madeEvolution.ts";

export interface ScrubFigures {
  /** Frames that the browser showed, a second; at most what the screen shows. */
  framesPerSecond: number;
  /** The slowest twentieth took longer from one frame to the next. */
  p95Ms: number;
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
    ...newRun({ runId: "made", name: "Made up", datasetName: "MNIST", config }),
    ...{ steps, epochs, status: "finished" },
    size: { ...size, microBatchSize: 1, startedFrom: null },
  },
  evolution: { runId: "made", snapshots },
});

document.adoptedStyleSheets.push(themeSheet());
createRoot(document.getElementById("root") as HTMLElement).render(
  <App store={store} client={client} />,
);

/**
 * Scrubs to and fro by the keyboard's keys, one step a frame, as fast as the browser shows frames.
 *
 * @param axis through `training` or `denoising`
 */
async function benchmarkScrubbing(axis: "training" | "denoising", seconds: number) {
  const [back, on] = axis === "training" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  const length = axis === "training" ? snapshots.length : (snapshots[0]?.numFrames ?? 1);
  const press = (key: string) =>
    document.body.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
    );
  const times: number[] = [];
  let place = placeOn(axis);
  let by = -1;
  await new Promise<void>((resolve) => {
    requestAnimationFrame(function tick(nowMs) {
      times.push(nowMs);
      if (place + by < 0 || place + by >= length) by = -by;
      press((by < 0 ? back : on) as string);
      place += by;
      if (nowMs - (times[0] as number) < 1000 * seconds) requestAnimationFrame(tick);
      else resolve();
    });
  });
  await new Promise(requestAnimationFrame);
  if (placeOn(axis) !== place) throw new Error(`Scrubbed to ${place}, it shows ${placeOn(axis)}.`);
  const gaps = times.slice(1).map((time, i) => time - (times[i] as number));
  const sorted = gaps.toSorted((a, b) => a - b);
  const sum = gaps.reduce((a, b) => a + b, 0);
  const figures: ScrubFigures = {
    framesPerSecond: (1000 * gaps.length) / sum,
    p95Ms: sorted[Math.floor(0.95 * sorted.length)] ?? 0,
    paintMs: medianPaintMs(),
  };
  return figures;
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
