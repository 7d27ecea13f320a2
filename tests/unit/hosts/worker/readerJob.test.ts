import "fake-indexeddb/auto";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { imagesFile, labelsFile, pair } from "../../engine/data/idxBytes.ts";
import { crossedBars } from "../../engine/quality/digitLikes.ts";
import { emptyWorker, readyWorker } from "./startedWorker.ts";

/** Bars of three classes, of one of them where `isOne`; a sixth is held out. */
function barFiles({ isOne = false } = {}) {
  const { images, labels, count } = crossedBars(36);
  const [pixelBytes, labelBytes] = [imagesFile(count), labelsFile(count)];
  pixelBytes.set(images, 16);
  labelBytes.set(isOne ? new Uint8Array(count) : labels, 8);
  return pair("train", pixelBytes, labelBytes);
}

async function loaded(worker: Awaited<ReturnType<typeof readyWorker>>, loadId: string) {
  worker.load(loadId, barFiles());
  const { checksum } = await worker.event("datasetReady", (event) => event.loadId === loadId);
  return worker.event("reader", (event) => event.checksum === checksum);
}

it("a reader is trained, tells how right it is, and is found when the images are loaded again", async () => {
  const worker = await readyWorker();
  expect(await loaded(worker, "bars")).toMatchObject({ reader: null });
  worker.handle({ type: "trainReader", requestId: "reader" });
  const { reader } = await worker.event("readerTrained");
  expect(reader).toMatchObject({ numClasses: 3, numTestImages: 6 });
  expect(reader.testAccuracy).toBeGreaterThan(0.6);
  const fractions = worker.allOf("readerProgress").map(({ fraction }) => fraction);
  expect(fractions.length).toBeGreaterThan(10);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  const known = worker.allOf("reader").at(-1);
  expect(known).toMatchObject({ checksum: worker.allOf("datasetReady").at(-1)?.checksum, reader });

  const next = await readyWorker();
  expect(await loaded(next, "again")).toMatchObject({ reader });
});

it("a reader that is cancelled leaves no tensor and is not there; without two classes, or images, there is none", async () => {
  const worker = await readyWorker();
  const files = barFiles({ isOne: true });
  const from = worker.events.length;
  worker.load("one", files);
  await worker.event("datasetReady", () => true, from);
  worker.handle({ type: "trainReader", requestId: "one" });
  expect((await worker.event("requestFailed")).message).toContain("two classes or more");

  const { numTensors } = tf.memory();
  worker.load("tens");
  await worker.event("datasetReady", ({ loadId }) => loadId === "tens");
  worker.handle({ type: "trainReader", requestId: "reader" });
  await worker.event("readerProgress", ({ requestId }) => requestId === "reader");
  worker.handle({ type: "cancel", requestId: "reader" });
  await worker.event("requestCancelled", ({ requestId }) => requestId === "reader");
  expect(tf.memory().numTensors).toBe(numTensors);
  expect(worker.allOf("readerTrained")).toEqual([]);

  const early = emptyWorker();
  early.handle({ type: "trainReader", requestId: "early" });
  expect((await early.event("requestFailed")).message).toContain("wait until both are ready");
});
