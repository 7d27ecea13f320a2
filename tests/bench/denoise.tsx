/** The browser's side of `npm run bench:lab` for the denoising view: its digits are made up. */
import { createRoot } from "react-dom/client";
import { App } from "../../src/app/shell/App.tsx";
import { themeSheet } from "../../src/app/shell/theme/theme.ts";
import { connect } from "../../src/app/state/client/client.ts";
import type { WorkerEnd } from "../../src/app/state/client/workerLink.ts";
import { createAppStore } from "../../src/app/state/store.ts";
import type { Command } from "../../src/hosts/worker/protocol.ts";
import type { WorkerEvent } from "../../src/runtime/run/events.ts";
import type { SampleRequest } from "../../src/runtime/run/samplingProtocol.ts";
import { type Smoothness, scrub } from "./scrub.ts";

declare global {
  interface Window {
    benchmarkDenoising: (seconds: number) => Promise<Smoothness>;
  }
}

/** A worker that computes nothing: every request is answered at once. */
function quickWorker(): WorkerEnd {
  const worker: WorkerEnd = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    postMessage(command: Command) {
      const tell = (data: WorkerEvent) =>
        worker.onmessage?.call(NOBODY, new MessageEvent("message", { data }));
      if (command.type === "sample") for (const event of generation(command.request)) tell(event);
    },
    terminate() {},
  };
  return worker;
}

/** The page looks at what it is told, not at who tells it. */
const NOBODY = {} as Worker;

function generation({ sampleId, count, sampler }: SampleRequest): WorkerEvent[] {
  const { timesteps = 1000 } = sampler;
  const times = Array.from({ length: timesteps + 1 }, (_, i) =>
    Math.trunc(999 - (1000 * i) / timesteps),
  );
  const frame = (index: number): WorkerEvent => ({
    type: "sampleFrame",
    sampleId,
    index,
    x0: null,
    pixels: Uint8Array.from({ length: count * 784 }, (_, i) => (i * 31 + index * 97) % 256),
  });
  return [
    {
      type: "sampleStarted",
      sampleId,
      source: { kind: "untrained" },
      origin: "person",
      start: "noise",
      count,
      timesteps,
      times,
      sources: null,
      trainedSteps: 0,
    },
    ...times.map((_, index) => frame(index)),
    { type: "sampleDone", sampleId, elapsedMs: 1 },
  ];
}

const store = createAppStore(new URLSearchParams("view=denoise"));
const client = connect(quickWorker, store, "wasm");
const report = {
  backend: "wasm",
  device: "none",
  reason: null,
  advice: null,
  rung: "wasm",
  fallback: null,
} as const;
store.setState({ backend: { status: "ready", report } });

document.adoptedStyleSheets.push(themeSheet());
createRoot(document.getElementById("root") as HTMLElement).render(
  <App store={store} client={client} />,
);

window.benchmarkDenoising = (seconds) => {
  // The first is of training's view, which is hidden.
  const sliders = () => [...document.querySelectorAll('[aria-label="Denoising step"]')];
  const number = (name: string) => Number(sliders().at(-1)?.getAttribute(name));
  return scrub({
    keys: ["ArrowLeft", "ArrowRight"],
    length: number("aria-valuemax") + 1,
    place: () => number("aria-valuenow"),
    seconds,
  });
};
