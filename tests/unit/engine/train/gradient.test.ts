import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { epochOrder, pickImages } from "../../../../src/engine/data/imageOrder.ts";
import { pointData } from "../../../../src/engine/data/points.ts";
import { toModelRange } from "../../../../src/engine/diffusion/noising.ts";
import { flowedFrom } from "../../../../src/engine/diffusion/reflow.ts";
import { createNoiseSchedule, createSchedule } from "../../../../src/engine/diffusion/schedule.ts";
import { labelRows } from "../../../../src/engine/nn/embedding.ts";
import { drawsOfStep } from "../../../../src/engine/train/draws.ts";
import {
  type Denoiser,
  denoiserOf,
  imageLosses,
  lossAndGradient,
  type NoisyBatch,
  parametersOf,
  type Teacher,
} from "../../../../src/engine/train/gradient.ts";
import { imageTensor } from "../../../../src/engine/train/images.ts";
import { initialState, teacherOf } from "../../../../src/engine/train/trainState.ts";
import { relativeError } from "../../../relativeError.ts";
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

describe("reflow", () => {
  const CONFIG = smallConfig({
    architecture: "perceptron",
    width: 8,
    depth: 1,
    objective: "flow",
    timesteps: 10,
    points: "moons",
    numPoints: 8,
    classes: 2,
    reflowSteps: 5,
  });
  const POINT = [1, 2] as const;

  /** A student whose teacher has the weights of another seed. */
  function student(teaches: Teacher["teaches"]): Denoiser & { teacher: Teacher } {
    const { values, ...denoiser } = denoiserOf({ ...CONFIG, seed: 1 }, null);
    const teacher = { values, teaches, numSteps: CONFIG.reflowSteps, guidance: 1 };
    return { ...denoiser, values: denoiserOf(CONFIG, null).values, teacher };
  }

  /** Where the teacher's flow leads, see `flowedFrom`. */
  function flowedBy({ network, schedule, teacher }: ReturnType<typeof student>, batch: NoisyBatch) {
    const { eps, labels = null } = batch;
    const parameters = parametersOf(network, teacher.values);
    return flowedFrom({
      model: (x, timesteps) => network.forward(parameters, { x, timesteps, labels }),
      schedule,
      eps,
      numSteps: teacher.numSteps,
    });
  }

  const batch = (): NoisyBatch => ({
    x0: imageTensor(Float32Array.of(1, -1, 0.5, 2, -0.3, 0.2), POINT),
    eps: imageTensor(Float32Array.of(0.4, 0.1, -1.2, 0.7, 2, -0.6), POINT),
    timesteps: Int32Array.of(1, 5, 9),
    labels: labelRows([0, 1, 2], 2),
  });

  it("learns from the noise of the batch and from where the teacher's flow leads that noise", async () => {
    const taught = student("reflow");
    const given = batch();
    const paired = { ...given, x0: flowedBy(taught, given) };
    const alone = { ...taught, teacher: null };
    const found = lossAndGradient(taught, given);
    const expected = lossAndGradient(alone, paired);
    const [gradient, expectedGradient] = [
      await found.gradient.data(),
      await expected.gradient.data(),
    ];
    expect(relativeError(gradient, expectedGradient)).toBeLessThan(1e-5);
    expect(await found.loss.data()).toEqual(await expected.loss.data());
    const losses = await imageLosses(taught, given).data();
    expect(losses).toEqual(await imageLosses(alone, paired).data());
    // Neither data nor a teacher that halves steps would have it learn the same.
    for (const other of [alone, student("halving")]) {
      const others = await imageLosses(other, given).data();
      for (const [i, loss] of losses.entries()) {
        expect(Math.abs((others[i] as number) / loss - 1)).toBeGreaterThan(0.01);
      }
    }
  });

  it("is what the teacher of a run with steps of reflow teaches, without guidance", () => {
    const { network } = student("reflow");
    const startValues = student("reflow").teacher.values.dataSync<"float32">();
    const state = initialState(network, CONFIG, startValues);
    const teacher = teacherOf(state, CONFIG, 0);
    expect(teacher).toMatchObject({ teaches: "reflow", numSteps: 5, guidance: 1 });
    expect(teacher?.values.dataSync()).toEqual(startValues);
    expect(teacherOf({ ...state, teacher: null }, CONFIG, 0)).toBeNull();
  });

  it("is what a session does from its first step on, to the network that it begins with", async () => {
    // What is learned follows from the noise alone, so that the points and their order do not matter.
    const config = { ...CONFIG, classes: 0, batchSize: 8 };
    const { values } = denoiserOf(config, null);
    const start = { from: "weights", values: values.dataSync<"float32">() } as const;
    const session = smallSession(config, { start, dataset: pointData(config), microBatchSize: 8 });
    const [step] = await takeSteps(session.run(), 1);
    session.dispose();
    const { noise, timesteps } = drawsOfStep(config, 0, 8);
    const denoiser = denoiserOf(config, null);
    const eps = noise(0, 8);
    const teacher = { values, teaches: "reflow", numSteps: 5, guidance: 1 } as const;
    const x0 = flowedBy({ ...denoiser, teacher }, { x0: eps, eps, timesteps });
    const losses = await imageLosses(denoiser, { x0, eps, timesteps }).data<"float32">();
    const mean = losses.reduce((sum, loss) => sum + loss) / 8;
    expect((step?.loss as number) / mean).toBeCloseTo(1, 4);
  });
});
