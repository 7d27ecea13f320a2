/** The worker that reads pictures, so that the page goes on while it decodes tens of thousands. */

import { NUM_PIXELS } from "../../engine/config/hyperparameters.ts";
import { SYMBOL_IMAGES } from "../../engine/config/symbolTraining.ts";
import { NUM_VARIED_IN_ALL, variedSet } from "../../engine/data/augment.ts";
import { type Dataset, readDataset } from "../../engine/data/dataset.ts";
import { idxFiles } from "../../engine/data/idxFiles.ts";
import { heldOut } from "../../engine/data/imageFolders.ts";
import { pickImages } from "../../engine/data/imageOrder.ts";
import {
  decodedFile,
  type FoundImages,
  findImages,
  idxFilesAmong,
  type LeftOut,
  readImageSet,
  type SourceFile,
  someOf,
} from "../../engine/data/imageSet.ts";
import {
  type Gray,
  guessedChoices,
  type ImageChoices,
  networkImage,
} from "../../engine/data/networkImage.ts";
import { symbolSet } from "../../engine/data/symbolSet.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { imageArchive } from "../../runtime/files/imageArchive.ts";
import { filesOfZip } from "../../runtime/files/zipSource.ts";
import { bitmapOf, grayOfBitmap } from "./decode.ts";
import type { ImageSource, ImagesCommand, ImagesReply, LeftOuts } from "./protocol.ts";

const NUM_SAMPLES = 100;
/** Side of a sample as it was, in pixels. */
const SAMPLE_SIDE = 96;
/** Left-out files that are listed; the rest is a number. */
const MAX_LISTED = 100;
const PROGRESS_INTERVAL_MS = 100;

let found: FoundImages;
let samples: Gray[] = [];
/** Where they are among the files. */
const samplePlaces: number[] = [];

const post = (reply: ImagesReply, transfer: Transferable[] = []) =>
  self.postMessage(reply, { transfer });

self.addEventListener("message", async ({ data }: MessageEvent<ImagesCommand>) => {
  try {
    if (data.type === "open") await open(data.sources);
    else if (data.type === "choose") postSamples(data.choices);
    else if (data.type === "read") await read(data);
    else if (data.type === "symbol") await makeSymbolSet(data);
    else if (data.type === "pack") await pack(data);
    else svgs.get(data.id)?.(data.bitmap);
  } catch (error) {
    post({ type: "failed", message: messageOf(error) });
  }
});

async function open(sources: readonly ImageSource[]): Promise<void> {
  const files = (await Promise.all(sources.map(unpacked))).flat();
  const idx = idxFilesAmong(files);
  if (idx.length > 0) return postIdx(idx);
  found = findImages(files);
  const before: ImageBitmap[] = [];
  const unread = new Map<number, LeftOut>();
  const numTried = Math.min(NUM_SAMPLES, found.images.length);
  // One after the other: together a hundred photographs could fill the memory.
  for (const place of someOf(found, NUM_SAMPLES)) {
    const file = found.files[place] as SourceFile;
    try {
      const gray = await decodedFile(file, async (blob, path) => {
        const bitmap = await decodedBitmap(blob, path);
        before.push(await small(bitmap));
        return grayOfBitmap(bitmap);
      });
      samples.push(gray);
      samplePlaces.push(place);
    } catch (error) {
      unread.set(place, { path: file.path, reason: messageOf(error) });
    }
  }
  if (samples.length === 0) {
    const [first] = unread.values();
    throw new Error(
      `None of the first ${numTried} pictures can be opened. ${first?.path}: ${first?.reason}`,
    );
  }
  found = withoutPlaces(found, [...unread.keys()]);
  const choices = guessedChoices(samples);
  const { name, classNames, images, isSplit } = found;
  const counts = new Array<number>(classNames?.length ?? 1).fill(0);
  for (const { label } of images) counts[label] = (counts[label] ?? 0) + 1;
  const leftOut = listed([...unread.values(), ...found.leftOut]);
  const set = { name, classNames, counts, isSplit, leftOut };
  const labelOf = new Map(images.map(({ place, label }) => [place, label]));
  const labels = samplePlaces.map((place) => labelOf.get(place) ?? 0);
  post({ type: "found", set, choices, before, labels }, before);
  postSamples(choices);
}

function withoutPlaces(all: FoundImages, places: readonly number[]): FoundImages {
  return { ...all, images: all.images.filter(({ place }) => !places.includes(place)) };
}

/** The IDX files of an archive with nothing else to look at. */
async function postIdx(sources: readonly SourceFile[]): Promise<void> {
  const files = sources.map(async ({ path, read }) => {
    const name = path.split("/").at(-1) ?? path;
    return new File([await read()], name);
  });
  post({ type: "idx", files: await Promise.all(files) });
}

async function unpacked({ path, file }: ImageSource): Promise<SourceFile[]> {
  if (/\.zip$/i.test(path) && !path.includes("/")) return filesOfZip(file, path);
  return [{ path, read: async () => file }];
}

/** As large as it is shown. */
async function small(bitmap: ImageBitmap): Promise<ImageBitmap> {
  const scale = Math.min(1, SAMPLE_SIDE / Math.max(bitmap.width, bitmap.height));
  return await createImageBitmap(bitmap, {
    resizeWidth: Math.max(1, Math.round(scale * bitmap.width)),
    resizeHeight: Math.max(1, Math.round(scale * bitmap.height)),
    resizeQuality: "high",
  });
}

function postSamples(choices: ImageChoices): void {
  const pixels = new Uint8Array(samples.length * NUM_PIXELS);
  for (const [i, sample] of samples.entries())
    pixels.set(networkImage(sample, choices), i * NUM_PIXELS);
  post({ type: "samples", pixels }, [pixels.buffer]);
}

async function read({
  choices,
  isVaried,
  without,
}: Extract<ImagesCommand, { type: "read" }>): Promise<void> {
  samples = [];
  const chosen = withoutPlaces(
    found,
    without.flatMap((i) => samplePlaces[i] ?? []),
  );
  const total = chosen.images.length;
  const { leftOut, ...set } = await readImageSet({
    found: chosen,
    choices,
    decode: async (blob, path) => grayOfBitmap(await decodedBitmap(blob, path)),
    onProgress: (numDone) => postProgress(numDone, total),
  });
  const onVaried = (numDone: number) =>
    post({ type: "progress", numDone, total: NUM_VARIED_IN_ALL });
  postSet(isVaried ? variedSet(set, onVaried) : set, leftOut);
}

async function makeSymbolSet({
  drawings,
  base,
}: Extract<ImagesCommand, { type: "symbol" }>): Promise<void> {
  if (base) {
    const { files, label } = base;
    const images = await readDataset({ files, onProgress: () => {} });
    postSet(symbolSet({ base: images, drawings, label, numTrain: SYMBOL_IMAGES, seed: 0 }), []);
    return;
  }
  const count = drawings.length / NUM_PIXELS;
  const all = { images: drawings, labels: new Uint8Array(count), count };
  const isOut = heldOut([...all.labels]);
  const part = (isValidation: boolean) => {
    const places = isOut.flatMap((out, i) => (out === isValidation ? i : []));
    return {
      ...all,
      images: pickImages(drawings, places),
      labels: new Uint8Array(places.length),
      count: places.length,
    };
  };
  postSet(variedSet({ train: part(false), validation: part(true) }), []);
}

function postSet(dataset: Dataset, leftOut: readonly LeftOut[]): void {
  const files = idxFiles(dataset);
  post(
    { type: "read", files, leftOut: listed(leftOut) },
    files.map(({ bytes }) => bytes.buffer),
  );
}

async function pack({
  files,
  classNames,
  form,
}: Extract<ImagesCommand, { type: "pack" }>): Promise<void> {
  const dataset = await readDataset({ files, onProgress: () => {} });
  const archive = await imageArchive({ dataset, classNames, form, onProgress: postProgress });
  post({ type: "packed", archive });
}

let reportedMs = 0;

function postProgress(numDone: number, total: number): void {
  if (performance.now() - reportedMs < PROGRESS_INTERVAL_MS) return;
  reportedMs = performance.now();
  post({ type: "progress", numDone, total });
}

function listed(all: readonly LeftOut[]): LeftOuts {
  return { first: all.slice(0, MAX_LISTED), count: all.length };
}

/** What waits for the page to draw an SVG file. */
const svgs = new Map<number, (bitmap: ImageBitmap | null) => void>();

async function decodedBitmap(file: Blob, path: string): Promise<ImageBitmap> {
  if (!/\.svg$/i.test(path)) return bitmapOf(file, path);
  const id = svgs.size;
  const drawn = new Promise<ImageBitmap | null>((resolve) => svgs.set(id, resolve));
  post({ type: "drawSvg", id, file });
  const bitmap = await drawn;
  if (!bitmap) throw new Error("The browser cannot read it: it is no SVG file, or has no size.");
  return bitmap;
}
