import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { type DecodedPng, decode, encode } from "fast-png";
import { BufferSource, Input, MP4, WEBM } from "mediabunny";
import { HOST_HEADERS } from "../../tools/headers.ts";
import { LAB_RUN } from "../e2e/app.ts";
import { SMALL } from "../e2e/faults.ts";
import { sketches, zipped } from "../e2e/sketches.ts";
import { serveStatically } from "../e2e/staticHost.ts";
import type { DrivenBrowser } from "./drivenBrowser.ts";
import { missingFirefox, startFirefox } from "./firefox.ts";
import { type Box, inkIn } from "./picture.ts";
import { type SavedFile, Visitor } from "./visitor.ts";
import { missingWebKit, startWebKit } from "./webkit.ts";

// A browser is started once for its tests, which need it one after the other.
test.describe.configure({ mode: "serial" });

const SETTINGS = `?backend=wasm&${SMALL}&batchSize=2`;
const BROWSERS = {
  Firefox: { whatIsMissing: missingFirefox, start: startFirefox },
  WebKit: { whatIsMissing: missingWebKit, start: startWebKit },
};

for (const name of ["Firefox", "WebKit"] as const) {
  test.describe(name, { tag: name === "WebKit" ? "@long" : [] }, () => {
    let browser: DrivenBrowser;
    let visitor: Visitor;

    test.beforeAll(async () => {
      const missing = BROWSERS[name].whatIsMissing();
      // Where every landing is checked it is there, or starting it fails.
      if (missing && !process.env.CI) {
        console.log(missing);
        test.skip();
      }
      browser = await BROWSERS[name].start();
      visitor = new Visitor(browser);
    });
    test.afterAll(() => browser?.close());

    test("opens a run from a file, and saves two files where there are two", {
      tag: "@long",
    }, async ({ baseURL }) => {
      await visitor.open(`${baseURL}/${SETTINGS}`);
      const bytes = readFileSync(LAB_RUN.path);
      await visitor.brings("drop", [{ name: "lab-run.safetensors", bytes }]);
      await visitor.sees(/was imported/);
      await visitor.click("button", /^Export…$/);
      const [epochs, steps] = await visitor.saves(2, () => visitor.click("button", /^CSV/));
      expect(lines(epochs?.bytes)).toHaveLength(1 + LAB_RUN.numEpochs);
      expect(lines(steps?.bytes)).toHaveLength(1 + LAB_RUN.numSteps);
      await visitor.click("button", /^Open$/);
      await visitor.sees(/Finished after 600 steps/);
      await visitor.click("button", /^Export$/);
      await visitor.click("choice", /^TensorFlow.js$/);
      const files = await visitor.saves(2, () => visitor.click("button", /^Download$/));
      expect(files.map((file) => file.name.replace(/^.*\.model\./, ""))).toEqual([
        "json",
        "weights.bin",
      ]);
    });

    test("draws the network, and saves its picture with every label in its place", {
      tag: "@long",
    }, async () => {
      await visitor.click("button", /^Change for the next run$/);
      await visitor.click("link", /^See the network$/);
      await visitor.sees(/Linear attention/);
      const [file] = await visitor.saves(1, () => visitor.click("button", /^Save PNG$/));
      const picture = decode(file?.bytes ?? Buffer.alloc(0));
      const screenshot = browser.screenshot && decode(await browser.screenshot());
      const { width, labels } = await labelsOfDrawing(browser);
      expect(picture.width).toBe(Math.round(2 * width));
      expect(labels.length).toBeGreaterThan(20);
      for (const { words, box, note, inWindow } of labels) {
        expect(inkIn(picture, box, 2), words).not.toBeNull();
        if (!note) continue;
        // What follows the name stands on its line, in the picture and on the page.
        for (const [image, scale, place] of [
          [picture, 2, { x: 0, y: 0 }],
          [screenshot, 1, inWindow],
        ] as const) {
          if (!image) continue;
          const at = (part: Box) => ({
            ...part,
            left: part.left + place.x,
            top: part.top + place.y,
          });
          const bottoms = [box, note].map((part) => {
            const ink = inkIn(image, at(part), scale);
            return ink && ink.top + ink.height;
          });
          expect(
            Math.abs((bottoms[0] ?? 0) - (bottoms[1] ?? 99)),
            `${words}, ${scale}: ${bottoms}`,
          ).toBeLessThanOrEqual(1);
        }
      }
    });

    test("saves the evolution as a film that players take", { tag: "@long" }, async () => {
      await visitor.click("link", /^Results$/);
      const formats: RegExp[] = [];
      for (const format of [/^MP4 film/, /^WebM film/]) {
        const isOpen = async () => (await visitor.placeOf("button", /^GIF film/)) !== null;
        if (!(await isOpen())) await visitor.click("button", /^Save$/);
        await expect.poll(isOpen).toBe(true);
        if (!(await visitor.placeOf("button", format))) continue;
        formats.push(format);
        const [film] = await visitor.saves(1, () => visitor.click("button", format));
        const input = new Input({
          source: new BufferSource(film?.bytes ?? Buffer.alloc(0)),
          formats: [MP4, WEBM],
        });
        // The last frame is seen for 1.2 s.
        expect(await input.computeDuration()).toBeCloseTo(7 * 0.16 + 1.2, 1);
        const track = await input.getPrimaryVideoTrack();
        const description = (await track?.getDecoderConfig())?.description;
        if (track?.codec === "avc") {
          const [sequence, pictures] = parameterSets(new Uint8Array(description as ArrayBuffer));
          // Kind and profile; the profile is High, and no second head.
          expect([sequence?.[0], sequence?.[1]]).toEqual([0x67, 0x64]);
          expect(pictures?.[0]).toBe(0x68);
          expect(pictures?.[1]).not.toBe(0x68);
        }
      }
      // Where every landing is checked Firefox has what H.264 needs; WebKit encodes WebM alone on Debian.
      const hasBoth = name === "Firefox" && process.env.CI;
      expect(formats.length).toBeGreaterThan(hasBoth ? 1 : 0);
    });

    test("shows every view of the run", { tag: "@long" }, async () => {
      for (const [place, view, shown] of [
        [/^Draw$/, null, /Sampler settings/],
        [/^Results$/, /^Charts$/, /Gradient norm/],
        [/^Runs/, /^Compare$/, /Compare runs/],
        [/^Results$/, /^Quality$/, /^Measure$/m],
        [/^Train$/, null, /Finished after 600 steps/],
      ] as const) {
        await visitor.click("link", place);
        if (view) await visitor.click("link", view);
        await visitor.sees(shown);
        expect(await visitor.alerts(), String(view ?? place)).toEqual([]);
      }
    });

    test("saves every other file", { tag: "@long" }, async () => {
      const saved: SavedFile[] = [];
      const save = async (opener: RegExp | null, item: RegExp) => {
        // What was saved before is told beside the button, which may move it from under the pointer.
        await expect(async () => {
          if (opener && !(await visitor.placeOf("button", item)))
            await visitor.click("button", opener);
          expect(await visitor.placeOf("button", item)).not.toBeNull();
        }).toPass({ timeout: 30_000 });
        const [file] = await visitor.saves(1, () => visitor.click("button", item));
        expect(file?.bytes.length, file?.name).toBeGreaterThan(100);
        if (file?.name.endsWith(".png")) expect(decode(file.bytes).width).toBeGreaterThan(400);
        if (file) saved.push(file);
      };
      await visitor.click("button", /^Export$/);
      await visitor.click("choice", /^float16$/);
      await save(null, /^Download$/);
      await visitor.click("link", /^Results$/);
      await visitor.click("link", /^Charts$/);
      const loss = /^Save or table: Loss$/;
      for (const item of [/^PNG picture$/, /^CSV$/, /^JSON$/]) await save(loss, item);
      for (const item of [/^Checkpoint/, /^TensorBoard/, /^JSONSettings/]) {
        await save(/^Export$/, item);
      }
      await visitor.click("link", /^Evolution$/);
      for (const item of [/^GIF film/, /picture of the digits/, /picture of the plane/]) {
        await save(/^Save$/, item);
      }
      expect(new Set(saved.map(({ name }) => name)).size).toBe(10);
      const plane = decode(saved.at(-1)?.bytes ?? Buffer.alloc(0));
      // Every snapshot begins with the same noise; all its other pictures are of its own.
      const { snapshotSteps, numFrames } = LAB_RUN;
      expect(numDifferentPictures(plane)).toBeGreaterThan(snapshotSteps.length * (numFrames - 1));
    });

    test("takes pictures that are dropped and pasted, and an archive of folders", {
      tag: "@long",
    }, async ({ baseURL }) => {
      await visitor.open(`${baseURL}/${SETTINGS}`);
      const all = [1, 2, 3, 4].map(grayLevels);
      const pictures = all.map((levels, i) => ({
        name: `${i}.png`,
        bytes: levelsPng(levels, i === 3 ? LEFT_HALF : 0),
      }));
      await visitor.brings("drop", pictures.slice(0, 3));
      await visitor.sees(/Your images: 3 images/);
      await visitor.brings("paste", pictures.slice(3));
      await visitor.sees(/Your images: 4 images/);
      // Light on black, 28 pixels wide: the browser's decoder and its canvas give the numbers of the file.
      const onWhite = all[3]?.map((level, i) => (i % 28 < LEFT_HALF ? 255 : level));
      await expect.poll(() => shownPictures(browser)).toHaveLength(8);
      const after = (await shownPictures(browser)).filter((_, i) => i % 2 === 1);
      expect(after).toEqual([...all.slice(0, 3), onWhite]);
      await visitor.click("button", /^Use these 4 images$/);
      await visitor.sees(/Your images 12,000 images, 400 to validate/);

      await visitor.brings("drop", [{ name: "sketches.zip", bytes: await zipped(sketches()) }]);
      await visitor.sees(/21 images in 3 classes: level bar 7, slanted bar 7, upright bar 7/);
      await expect.poll(() => shownPictures(browser)).toHaveLength(42);
      await visitor.click("button", /^Use these 21 images$/);
      await visitor.sees(/sketches 12,000 images, 400 to validate/);
      expect(await visitor.alerts()).toEqual([]);
    });

    test("trains, pauses, goes on after a reload, and draws digits", async ({ baseURL }) => {
      await visitor.open(`${baseURL}/${SETTINGS}`);
      await visitor.click("button", /^Train (my own|a new run)$/);
      await visitor.sees(/Epoch\s+step [1-9][\d,]* of/);
      await visitor.click("button", /^Pause$/);
      await visitor.sees(/^Paused/m);
      await browser.reload();
      const saved = Number((await visitor.sees(/Step ([\d,]+) of/)).replaceAll(",", ""));
      expect(saved).toBeGreaterThan(0);
      await visitor.isReady();
      await visitor.click("button", /^Resume$/);
      const numSteps = async () =>
        Number((await visitor.sees(/Epoch\s+step ([\d,]+) of/)).replaceAll(",", ""));
      await expect.poll(numSteps).toBeGreaterThan(saved);
      await visitor.click("button", /^Stop$/);
      await visitor.sees(/Unfinished after/);
      await visitor.click("link", /^Draw$/);
      await visitor.click("button", /^Generate$/);
      await visitor.sees(/^\d+ digits by .*steps$/m);
      expect(await visitor.alerts()).toEqual([]);
    });

    test("trains and draws digits without a server", { tag: "@long" }, async () => {
      const host = await serveStatically("dist", "/", HOST_HEADERS);
      try {
        await visitor.open(`${host.url}${SETTINGS}`);
        await visitor.isKept();
      } finally {
        await host.close();
      }
      await visitor.open(`${host.url}${SETTINGS}`);
      await visitor.click("button", /^Train (my own|a new run)$/);
      await visitor.sees(/Epoch\s+step [1-9][\d,]* of/);
      await visitor.click("button", /^Stop$/);
      await visitor.sees(/Unfinished after/);
      await visitor.click("link", /^Draw$/);
      await visitor.click("button", /^Generate$/);
      await visitor.sees(/^\d+ digits by .*steps$/m);
      expect(await visitor.alerts()).toEqual([]);
    });

    if (name === "Firefox") {
      test("that keeps no data and lets no canvas be read trains, and says so", {
        tag: "@long",
      }, async ({ baseURL }) => {
        const strict = await startFirefox({
          "network.cookie.cookieBehavior": 2,
          "privacy.resistFingerprinting": true,
        });
        try {
          const stranger = new Visitor(strict);
          await stranger.open(`${baseURL}/${SETTINGS}`);
          await stranger.sees(/Nothing is saved/);
          await stranger.click("button", /^Train my own$/);
          await stranger.sees(/Epoch\s+step [1-9][\d,]* of/);
          await stranger.click("button", /^Details$/);
          await stranger.click("link", /^See the network$/);
          await stranger.saves(0, async () => {
            await stranger.click("button", /^Save PNG$/);
            await stranger.sees(/No picture was saved/);
          });
        } finally {
          await strict.close();
        }
      });
    }
  });
}

function lines(bytes: Buffer | undefined): string[] {
  return String(bytes ?? "")
    .trim()
    .split("\r\n");
}

/** `[28, 28]`, more black than white, as the digits of MNIST are. */
function grayLevels(seed: number): number[] {
  return Array.from({ length: 784 }, (_, i) => (i % 3 === 0 ? (i * 37 + seed * 101) % 256 : 0));
}

/** Columns. */
const LEFT_HALF = 14;

/** Transparent in its first columns. */
function levelsPng(levels: readonly number[], numClear: number): Buffer {
  const alphas = levels.map((_, i) => (i % 28 < numClear ? 0 : 255));
  const data = Uint8Array.from(levels.flatMap((level, i) => [level, alphas[i] ?? 255]));
  return Buffer.from(encode({ width: 28, height: 28, channels: 2, depth: 8, data }));
}

/** The gray levels of all pictures in the dialog, each as it was and then as the network gets it. */
function shownPictures(browser: DrivenBrowser): Promise<number[][]> {
  return browser.evaluate(() =>
    Array.from(
      document.querySelectorAll<HTMLCanvasElement>(
        '[aria-label="The first pictures, before and after"] canvas',
      ),
      (canvas) => {
        const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height);
        return Array.from(pixels?.data ?? []).filter((_, i) => i % 4 === 0);
      },
    ),
  );
}

/** The first sequence and picture parameter set of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15). */
function parameterSets(record: Uint8Array): [Uint8Array, Uint8Array] {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const sequence = record.subarray(8, 8 + view.getUint16(6));
  const at = 8 + sequence.length + 1;
  return [sequence, record.subarray(at + 2, at + 2 + view.getUint16(at))];
}

/** Of the snapshots' denoising, in their picture: each is 30 pixels from the next, and drawn at twice its size. */
function numDifferentPictures({ data, width, channels }: DecodedPng): number {
  const pictures = LAB_RUN.snapshotSteps.flatMap((_, row) =>
    Array.from({ length: LAB_RUN.numFrames }, (_, column) => {
      const [left, top] = [2 * (46 + 30 * column), 2 * (22 + 30 * row)];
      const rows = Array.from({ length: 56 }, (_, y) => {
        const start = channels * ((top + y) * width + left);
        return data.slice(start, start + channels * 56).join();
      });
      return rows.join();
    }),
  );
  return new Set(pictures).size;
}

/** Words in the drawing of the network, and where; of a block's name also where its note stands. */
function labelsOfDrawing(browser: DrivenBrowser) {
  return browser.evaluate(() => {
    const drawing = document.querySelector("svg:has([data-block])");
    const origin = drawing?.parentElement?.getBoundingClientRect() ?? new DOMRect();
    const labels = Array.from(drawing?.querySelectorAll("text") ?? [], (text) => {
      const note = text.querySelector("tspan");
      // A little more below and above: what is lower than its line is to be found.
      const boxOf = (element: Element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return { left: left - origin.left, top: top - origin.top, width, height };
      };
      const whole = boxOf(text);
      const noteBox = note && boxOf(note);
      const box = noteBox ? { ...whole, width: noteBox.left - whole.left } : whole;
      return {
        words: text.textContent ?? "",
        box,
        note: noteBox && { ...noteBox, top: whole.top - 2, height: whole.height + 4 },
        inWindow: { x: origin.left, y: origin.top },
      };
    });
    return { width: origin.width, labels };
  });
}
