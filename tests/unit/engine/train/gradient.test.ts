import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { epochOrder, pickImages } from "../../../../src/engine/data/imageOrder.ts";
import { toModelRange } from "../../../../src/engine/diffusion/noising.ts";
import { createNoiseSchedule, createSchedule } from "../../../../src/engine/diffusion/schedule.ts";
import { drawsOfStep } from "../../../../src/engine/train/draws.ts";
import { denoiserOf, parametersOf } from "../../../../src/engine/train/gradient.ts";
import { imageTensor } from "../../../../src/engine/train/images.ts";
import { smallConfig, smallDataset, smallSession, takeSteps } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("the schedule of a configuration", () => {
  const all = (["sigmoid", "cosine", "linear"] as const).flatMap((betaSchedule) =>
    (["v", "noise", "x0"] as const).flatMap((objective) =>
      [0, 1, 5].flatMap((minSnrGamma) =>
        [20, 100].map((timesteps) => ({ betaSchedule, objective, minSnrGamma, timesteps })),
      ),
    ),
  );

  it("is another for each of them", () => {
    const texts = all.map((changes) => {
      const { objective, signals, lossWeights } = createSchedule(smallConfig(changes));
      return `${objective} ${signals} ${lossWeights}`;
    });
    expect(new Set(texts).size).toBe(all.length);
  });
});

/** The loss of the first step, pixel by pixel in float64 but for the network's prediction. */
async function firstLoss(changes: Partial<RunConfig>): Promise<number> {
  const config = smallConfig(changes);
  const { objective, betaSchedule, lossWeight, minSnrGamma, batchSize } = config;
  const { train } = smallDataset();
  const x0 = toModelRange(
    pickImages(train.images, epochOrder(0, 0, train.count).subarray(0, batchSize)),
  );
  const draws = drawsOfStep(config, 0, batchSize);
  const eps = draws.noise(0, batchSize).dataSync();
  // At one noise level all have the same, whatever T is.
  const timesteps = objective === "oneLevel" ? new Int32Array(batchSize) : draws.timesteps;
  const { alphaBars } = createNoiseSchedule(betaSchedule, config.timesteps);
  const at = (pixel: number) => {
    const t = timesteps[Math.floor(pixel / 784)] as number;
    const alphaBar = alphaBars[t] as number;
    const sigma = (t + 1) / config.timesteps;
    const [signal, noise] =
      objective === "flow"
        ? [1 - sigma, sigma]
        : objective === "oneLevel"
          ? [1, 2 * config.noiseSigma]
          : [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
    return { x0: x0[pixel] as number, eps: eps[pixel] as number, signal, noise };
  };
  const xT = x0.map((_, pixel) => {
    const p = at(pixel);
    return p.signal * p.x0 + p.noise * p.eps;
  });
  const { network, values } = denoiserOf(config, null);
  const inputs = { x: imageTensor(xT), timesteps };
  const prediction = await network.forward(parametersOf(network, values), inputs).data();
  const squares = Array.from(prediction, (value, pixel) => {
    const p = at(pixel);
    const v = p.signal * p.eps - p.noise * p.x0;
    const target = { v, noise: p.eps, x0: p.x0, flow: p.eps - p.x0, oneLevel: p.x0 }[objective];
    const snr = (p.signal / p.noise) ** 2;
    const clipped = minSnrGamma > 0 ? Math.min(snr, minSnrGamma) : snr;
    const ofLibrary = {
      v: clipped / (snr + 1),
      noise: clipped / snr,
      x0: clipped,
      flow: 1,
      oneLevel: 1,
    };
    const weight = lossWeight === "none" ? 1 : ofLibrary[objective];
    return weight * (value - target) ** 2;
  });
  return squares.reduce((sum, square) => sum + square) / squares.length;
}

describe("the loss that a session tells", () => {
  it("is of the objective, the schedule and the weights that its configuration asks for", async () => {
    const variants: Partial<RunConfig>[] = [
      {},
      { objective: "noise" },
      { objective: "x0" },
      { betaSchedule: "cosine" },
      { betaSchedule: "linear", objective: "noise" },
      { minSnrGamma: 0.5 },
      { minSnrGamma: 0.5, objective: "x0" },
      { lossWeight: "none" },
      { lossWeight: "none", minSnrGamma: 0.5, objective: "x0" },
      { objective: "flow" },
      { objective: "flow", timestepSampling: "logitNormal" },
      { objective: "oneLevel" },
      { objective: "oneLevel", noiseSigma: 0.3 },
    ];
    const losses: number[] = [];
    for (const changes of variants) {
      const session = smallSession(changes);
      const [step] = await takeSteps(session.run(), 1);
      session.dispose();
      const loss = step?.loss as number;
      expect(loss / (await firstLoss(changes)), JSON.stringify(changes)).toBeCloseTo(1, 4);
      losses.push(loss);
    }
    const distinct = new Set(losses.map((loss) => loss.toPrecision(4)));
    expect(distinct.size).toBe(variants.length);
  });
});
