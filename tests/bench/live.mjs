/**
 * `npm run bench:live`: how many pictures of 4 digits a second Denoise shows while one draws, drags, types and goes
 * through the plane, on WebAssembly in Chromium on this machine, and the longest task of the page meanwhile; where
 * others compute too, processor times say more.
 * --weights=FILE and --steps=N of another network, --seconds=N for each figure.
 */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { preview } from "vite";
import { buildPage, ROOT } from "./builtPage.mjs";

const SUBJECTS = ["draw", "seed", "guidance", "type", "plane"];

const { values } = parseArgs({
  options: {
    weights: { type: "string", default: "public/models/pretrained-quick-1-step.safetensors" },
    steps: { type: "string", default: "1" },
    seconds: { type: "string", default: "5" },
  },
});
const { launchOptions } = await buildPage();
const server = await preview({ root: ROOT, logLevel: "error" });
const browser = await chromium.launch(launchOptions);
console.log(
  `Chromium ${browser.version()}, ${cpus()[0]?.model.trim()}, ${cpus().length} logical cores, ${values.weights} in ${values.steps}`,
);
for (const subject of SUBJECTS) {
  const { pictures, seconds, longestMs, pageMs, allMs, longestCpuMs } = await measure(subject);
  const of = (ms) => (ms / pictures).toFixed(1);
  console.log(
    `${subject}: ${(pictures / seconds).toFixed(1)} pictures a second; processor time of each ${of(pageMs)} ms of the page, ${of(allMs)} ms with the worker; longest task ${longestCpuMs.toFixed(0)} ms of processor time, ${longestMs === 0 ? "none of 50 ms by the clock" : `${longestMs.toFixed(0)} ms by the clock`}`,
  );
}
await browser.close();
await server.close();
process.exit(0);

async function measure(subject) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    serviceWorkers: "block",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on("pageerror", (error) => console.error(error.message));
  await page.addInitScript(countPictures);
  const start = { draw: "drawing", plane: "plane" }[subject] ?? "noise";
  const query = `backend=wasm&digits=4&scale=1&steps=${values.steps}&start=${start}`;
  await page.goto(`${server.resolvedUrls.local[0]}?${query}`);
  await page.getByRole("button", { name: /^WebAssembly SIMD/ }).waitFor();
  await page.getByText("60,000 images").waitFor();
  const bytes = readFileSync(values.weights).toString("base64");
  const files = await page.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    transfer.items.add(new File([bytes], "few-steps.safetensors"));
    return transfer;
  }, bytes);
  await page.dispatchEvent("body", "drop", { dataTransfer: files });
  await page.getByRole("link", { name: "Draw", exact: true }).click();
  await page.getByText(/digits follow|Point anywhere/).waitFor();
  if (subject === "guidance") await page.getByText("Sampler settings").first().click();
  // The first time everything is compiled.
  await page.evaluate(([of, seconds]) => window.play(of, seconds), [subject, 1.5]);
  const session = await context.newCDPSession(page);
  const system = await browser.newBrowserCDPSession();
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const times = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const { processInfo } = await system.send("SystemInfo.getProcessInfo");
    const renderers = processInfo.filter(({ type }) => type === "renderer");
    return {
      page: metrics.find(({ name }) => name === "TaskDuration").value,
      all: renderers.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
    };
  };
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline"] });
  const before = await times();
  const figures = await page.evaluate(
    ([of, seconds]) => window.play(of, seconds),
    [subject, Number(values.seconds)],
  );
  const after = await times();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
  await context.close();
  const [pageMs, allMs] = [1000 * (after.page - before.page), 1000 * (after.all - before.all)];
  return { ...figures, pageMs, allMs, longestCpuMs: longestTaskMs(traceEvents) };
}

/** Of the page's main thread, in processor time. */
function longestTaskMs(events) {
  const mains = events.filter(({ args }) => args?.name === "CrRendererMain");
  const isMain = ({ pid, tid }) => mains.some((main) => main.pid === pid && main.tid === tid);
  const tasks = events.filter((event) => event.name === "RunTask" && isMain(event));
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000));
}

/** In the page: what plays a person, and counts the pictures that reach the canvas. */
function countPictures() {
  let [pictures, longestMs] = [0, 0];
  const newest = new WeakMap();
  const { putImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.putImageData = function (image, ...at) {
    const label = this.canvas.getAttribute("aria-label") ?? "";
    if (/^(4 digits|“|The digit )/.test(label)) {
      const data = image.data.join();
      if (newest.has(this.canvas) && newest.get(this.canvas) !== data) pictures++;
      newest.set(this.canvas, data);
    }
    return putImageData.call(this, image, ...at);
  };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration);
  }).observe({ type: "longtask" });

  const shown = (selector) =>
    [...document.querySelectorAll(selector)].find((element) => element.checkVisibility());
  const press = (label, key) =>
    shown(`[role=slider][aria-label="${label}"]`).dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
    );
  const point = (target, type, x, y) => {
    const { left, top, width, height } = target.getBoundingClientRect();
    const at = { clientX: left + x * width, clientY: top + y * height };
    target.dispatchEvent(new PointerEvent(type, { ...at, bubbles: true, button: 0, pointerId: 1 }));
  };
  const type = (text) => {
    const input = shown("input[placeholder='2026']");
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const frame = {
    draw(i) {
      const pad = shown("canvas[aria-label*='draw']");
      pad.setPointerCapture = () => {};
      // A 7 in 60 frames, then another.
      const share = (i % 60) / 59;
      if (share === 0) point(pad, "pointerdown", 0.3, 0.2);
      else if (share < 0.4) point(pad, "pointermove", 0.3 + share, 0.2);
      else point(pad, "pointermove", 0.7 - (share - 0.4) / 2, 0.2 + (share - 0.4));
      if (share < 1) return;
      point(pad, "pointerup", 0.4, 0.8);
      [...document.querySelectorAll("button")].find((of) => of.textContent === "Clear").click();
    },
    seed: (i) => press("Drag the seed", i % 100 < 50 ? "ArrowRight" : "ArrowLeft"),
    guidance: (i) => press("Drag guidance", i % 60 < 30 ? "ArrowRight" : "ArrowLeft"),
    // Four digits each time, as fast as nobody types.
    type: (i) => type(String(1000 + ((i * 37) % 9000))),
    plane: (i) =>
      point(
        shown("[aria-label='Place in the plane']"),
        "pointermove",
        0.5 + 0.4 * Math.cos(i / 15),
        0.5 + 0.4 * Math.sin(i / 20),
      ),
  };
  window.play = async (subject, seconds) => {
    [pictures, longestMs] = [0, 0];
    const startMs = performance.now();
    for (let i = 0; performance.now() - startMs < 1000 * seconds; i++) {
      frame[subject](i);
      await new Promise(requestAnimationFrame);
    }
    return { pictures, longestMs, seconds: (performance.now() - startMs) / 1000 };
  };
}
