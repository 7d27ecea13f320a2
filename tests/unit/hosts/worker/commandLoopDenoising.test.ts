import { describe, expect, it } from "vitest";
import { relativeError } from "../../../relativeError.ts";
import { imagesFile, labelsFile, pair } from "../../engine/data/idxBytes.ts";
import { emptyWorker, readyWorker } from "./startedWorker.ts";

describe("an image that is noised and denoised again", () => {
  const image = imagesFile(1).slice(16);

  it("comes back nearly as it was from a low level, in as small a part of the steps", async () => {
    const worker = await readyWorker();
    worker.sample("low", { timesteps: 50, count: 3, start: { kind: "image", image, t: 2 } });
    const digits = await worker.digits("low");
    expect(worker.allOf("sampleStarted")[0]).toMatchObject({
      start: "image",
      timesteps: 2,
      times: [2, 0, -1],
      sources: image,
    });
    for (let i = 0; i < 3; i++) {
      expect(relativeError(digits.subarray(784 * i, 784 * (i + 1)), image)).toBeLessThan(0.1);
    }
  });

  it("is lost at the highest level, which begins with the noise of the seed", async () => {
    const worker = await readyWorker();
    worker.sample("noise", { timesteps: 4 });
    worker.sample("image", { timesteps: 4, start: { kind: "image", image, t: 99 } });
    await worker.digits("image");
    const first = (sampleId: string) =>
      worker.allOf("sampleFrame").find(worker.isOf(sampleId))?.pixels ?? new Uint8Array();
    expect(relativeError(first("image"), first("noise"))).toBeLessThan(0.05);
    expect(worker.allOf("sampleStarted")[1]?.timesteps).toBe(4);
  });

  it("of a level beyond the network's is noised to its last", async () => {
    const worker = await readyWorker();
    worker.sample("digits", { timesteps: 2, start: { kind: "image", image, t: 4000 } });
    await worker.digits("digits");
    expect(worker.allOf("sampleStarted")[0]?.times[0]).toBe(99);
  });
});

describe("the predicted image", () => {
  it("comes with every frame but the first, where it is asked for; the last is the digit", async () => {
    const worker = await readyWorker();
    worker.sample("digits", { givesX0: true, count: 2 });
    worker.sample("without");
    await worker.digits("without");
    const frames = worker.allOf("sampleFrame").filter(worker.isOf("digits"));
    expect(frames.map(({ x0 }) => x0?.length)).toEqual([undefined, 1568, 1568, 1568]);
    expect(frames[1]?.x0).not.toEqual(frames[1]?.pixels);
    expect(frames[3]?.x0).toEqual(frames[3]?.pixels);
    const without = worker.allOf("sampleFrame").filter(worker.isOf("without"));
    expect(without.map(({ x0 }) => x0)).toEqual([null, null, null, null]);
    expect(without.map(({ pixels }) => pixels)).toEqual(frames.map(({ pixels }) => pixels));
  });
});

describe("the sampler of a request", () => {
  it("is DDIM also over all T steps, where that is asked for", async () => {
    const worker = await readyWorker();
    const T = { timesteps: 25 };
    worker.sample("ddim", { sampler: { kind: "ddim", ...T, eta: 0 } }, T);
    worker.sample("ancestral", { sampler: { kind: "ancestral" } }, T);
    worker.sample("eta", { sampler: { kind: "ddim", ...T, eta: 1 } }, T);
    await worker.digits("eta");
    const digits = await Promise.all(["ddim", "ancestral", "eta"].map(worker.digits));
    expect(worker.allOf("sampleStarted").map((e) => e.timesteps)).toEqual([25, 25, 25]);
    expect(digits[0]).not.toEqual(digits[1]);
    // Of all T steps eta 1 is ancestral sampling, but for rounding.
    expect(relativeError(digits[2] ?? [], digits[1] ?? [])).toBeLessThan(0.05);
  });
});

describe("the images that are shown", () => {
  it("are those for validation, by their places; what is not there is left out", async () => {
    const worker = await readyWorker();
    const from = worker.events.length;
    worker.load("images", pair("train", imagesFile(48), labelsFile(48)));
    await worker.event("datasetReady", () => true, from);
    worker.handle({ type: "showImages", requestId: "images", indices: [3, 0, 8, -1] });
    const shown = await worker.event("images");
    const at = (index: number) => imagesFile(48).slice(16 + 784 * index, 16 + 784 * (index + 1));
    expect(shown.indices).toEqual([3, 0]);
    expect(shown.pixels.slice(0, 784)).toEqual(at(43));
    expect(shown.pixels.slice(784)).toEqual(at(40));
    expect([...shown.labels]).toEqual([labelsFile(48)[8 + 43], labelsFile(48)[8 + 40]]);
  });

  it("are none before there are any", async () => {
    const worker = emptyWorker();
    worker.handle({ type: "showImages", requestId: "images", indices: [0] });
    expect(await worker.event("images")).toMatchObject({ indices: [] });
  });
});
