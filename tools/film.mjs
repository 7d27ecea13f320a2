/**
 * `npm run film`: the film in README, `docs/film.webm` and `docs/film.gif`, made of the built page itself: it opens, one
 * types a number, presses Train, and sees the new network write it better and better, in a time lapse.
 * --minutes=4 of training, of which a picture is taken 36 times.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { preview } from "vite";
import { buildPage, ROOT } from "../tests/bench/builtPage.mjs";

const SIZE = { width: 1200, height: 750 };
const WEBM = { width: 960, height: 600 };
const GIF = { width: 720, height: 450 };
const NUMBER = "2026";
const LAPSES = 36;
const LAPSE_MS = 270;

const { values } = parseArgs({ options: { minutes: { type: "string", default: "4" } } });

const { launchOptions } = await buildPage();
const server = await preview({ root: ROOT, logLevel: "error", preview: { port: 0, open: false } });
const browser = await chromium.launch(launchOptions);
const context = await browser.newContext({ viewport: SIZE, bypassCSP: true });
const page = await context.newPage();
page.on("pageerror", (error) => console.error(error.message));
/** Pictures of the page, and for how long each is shown. */
const frames = [];
await play();
await encode();
await browser.close();
await server.close();
process.exit(0);

async function show(durationMs) {
  frames.push({ png: (await page.screenshot()).toString("base64"), durationMs });
}

async function play() {
  // Where there is no graphics card a notice would say so.
  await page.goto(`${server.resolvedUrls.local[0]}?backend=wasm`);
  await page.getByRole("button", { name: "Skip the tour" }).click();
  await page.getByText("60,000 images").waitFor();
  await page.getByText(/drawn from pure noise/).waitFor();
  await addPointer();
  await show(1600);

  const field = page.getByLabel("Type a number");
  await pointAt(field);
  await show(300);
  await field.click();
  for (const digit of NUMBER) {
    await field.press(digit);
    await page.waitForTimeout(300);
    await show(350);
  }
  await show(1200);

  const train = page.getByRole("button", { name: "Train my own" });
  await pointAt(train);
  await show(500);
  await train.click();
  const startMs = performance.now();
  for (let lapse = 1; lapse <= LAPSES; lapse++) {
    // The first seconds show most: the pauses grow.
    const atMs = 60_000 * Number(values.minutes) * (lapse / LAPSES) ** 2;
    await page.waitForTimeout(Math.max(0, atMs - (performance.now() - startMs)));
    await show(LAPSE_MS);
  }

  const slider = page.getByRole("slider", { name: "Denoising step" });
  await slider.focus();
  await page.keyboard.press("Home");
  const last = Number(await slider.getAttribute("aria-valuemax"));
  for (let step = 0; step <= last; step++) {
    if (step > 0) await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(200);
    await show(step === last ? 2500 : 180);
  }
}

async function addPointer() {
  await page.evaluate(() => {
    const pointer = document.createElement("div");
    pointer.id = "pointer";
    pointer.style =
      "position:fixed;z-index:999;width:22px;height:22px;margin:-11px;border-radius:50%;background:#e8590c99;pointer-events:none;left:60%;top:60%";
    document.body.append(pointer);
  });
}

async function pointAt(target) {
  const { x, y, width, height } = await target.boundingBox();
  await page.evaluate(
    ([left, top]) => Object.assign(document.getElementById("pointer").style, { left, top }),
    [`${x + width / 2}px`, `${y + height / 2}px`],
  );
}

/** In a page, since the encoder of videos is the browser's. */
async function encode() {
  const modules = { mediabunny: "dist/bundles/mediabunny.min.mjs", gifenc: "dist/gifenc.esm.js" };
  await context.route("**/module/*", (route) => {
    const name = new URL(route.request().url()).pathname.split("/").at(-1);
    const body = readFileSync(`${ROOT}/node_modules/${name}/${modules[name]}`, "utf8");
    return route.fulfill({ contentType: "text/javascript", body });
  });
  const studio = await context.newPage();
  await studio.goto(server.resolvedUrls.local[0]);
  const files = await studio.evaluate(encodeFilm, { frames, webm: WEBM, gif: GIF });
  for (const [name, base64] of Object.entries(files)) {
    const bytes = Buffer.from(base64, "base64");
    writeFileSync(`${ROOT}/docs/film.${name}`, bytes);
    console.log(`docs/film.${name}: ${(bytes.length / 1e6).toFixed(2)} MB`);
  }
  const totalMs = frames.reduce((sum, { durationMs }) => sum + durationMs, 0);
  console.log(`${(totalMs / 1000).toFixed(1)} s, ${frames.length} pictures`);
}

async function encodeFilm({ frames, webm, gif }) {
  const module = (name) => import(`/module/${name}`);
  const { BufferTarget, Output, Quality, VideoSample, VideoSampleSource, WebMOutputFormat } =
    await module("mediabunny");
  const { GIFEncoder, applyPalette, quantize } = await module("gifenc");
  const pictures = await Promise.all(
    frames.map(async ({ png }) =>
      createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob()),
    ),
  );
  const drawn = (picture, { width, height }) => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, width, height);
    return { canvas, data: context.getImageData(0, 0, width, height).data };
  };

  const target = new BufferTarget();
  const output = new Output({ format: new WebMOutputFormat(), target });
  const source = new VideoSampleSource({ codec: "vp9", quality: new Quality("high") });
  output.addVideoTrack(source);
  await output.start();
  let timestamp = 0;
  for (const [i, { durationMs }] of frames.entries()) {
    const duration = durationMs / 1000;
    const sample = new VideoSample(drawn(pictures[i], webm).canvas, { timestamp, duration });
    await source.add(sample);
    sample.close();
    timestamp += duration;
  }
  await output.finalize();

  // Colors of a few pictures for all; what stays as it was is left out of the next picture.
  const palette = quantize(
    Uint8Array.from(
      [0.1, 0.5, 0.9].flatMap((at) => [
        ...drawn(pictures[Math.floor(at * pictures.length)], gif).data,
      ]),
    ),
    255,
  );
  const clear = palette.length;
  const film = GIFEncoder();
  let before = null;
  for (const [i, { durationMs: delay }] of frames.entries()) {
    const index = applyPalette(drawn(pictures[i], gif).data, palette);
    const changed = before
      ? index.map((color, at) => (color === before[at] ? clear : color))
      : index;
    before = index;
    film.writeFrame(changed, gif.width, gif.height, {
      ...(i === 0 ? { palette: [...palette, [0, 0, 0]], repeat: 0 } : {}),
      delay,
      transparent: i > 0,
      transparentIndex: clear,
      dispose: 1,
    });
  }
  film.finish();
  const base64 = async (bytes) => {
    const reader = new FileReader();
    reader.readAsDataURL(new Blob([bytes]));
    await new Promise((done) => reader.addEventListener("load", done));
    return String(reader.result).split(",")[1];
  };
  return { webm: await base64(target.buffer), gif: await base64(film.bytes()) };
}
