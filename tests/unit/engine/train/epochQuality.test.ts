import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { drawSamples } from "../../../../src/engine/quality/drawSamples.ts";
import type { Evaluate } from "../../../../src/engine/train/epochQuality.ts";
import type { EpochReport, TrainingReport } from "../../../../src/engine/train/reports.ts";
import type { TrainingSession } from "../../../../src/engine/train/session.ts";
import { qualityFigures } from "./exampleHistory.ts";
import { samplerValues, smallSession } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const EVERY_EPOCH = { epochs: 2, evaluateEvery: 1 };

/** Draws digits, as the real one does, and says how black they are. */
const evaluate: Evaluate = async function* (denoiser) {
  const sampler = { kind: "ddim", timesteps: 3, eta: 0 } as const;
  const pixels = yield* drawSamples({ denoiser, sampler, seed: 0, count: 3, chunkSize: 2 });
  return qualityFigures({ frechetDistance: pixels.reduce((sum, pixel) => sum + pixel, 0) });
};

async function reportsOf(session: TrainingSession): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for await (const report of session.run()) reports.push(report);
  return reports;
}

function epochsOf(reports: readonly TrainingReport[]): EpochReport[] {
  return reports.flatMap((report) => (report.type === "epoch" ? [report.epoch] : []));
}

async function epochsMeasured(changes: Partial<RunConfig>): Promise<number[]> {
  const session = smallSession(changes, { evaluate });
  const epochs = epochsOf(await reportsOf(session));
  session.dispose();
  return epochs.filter(({ quality }) => quality).map(({ epoch }) => epoch);
}

describe("the quality of a run's epochs", () => {
  it("is measured after every n-th epoch and after the last, and never for 0", async () => {
    expect(await epochsMeasured({ epochs: 5, evaluateEvery: 2 })).toEqual([2, 4, 5]);
    expect(await epochsMeasured({ epochs: 3, evaluateEvery: 10 })).toEqual([3]);
    expect(await epochsMeasured({ epochs: 2, evaluateEvery: 0 })).toEqual([]);
  });

  it("is told after the validation, bit by bit, before the epoch is", async () => {
    const session = smallSession({ evaluateEvery: 1 }, { evaluate });
    const reports = await reportsOf(session);
    session.dispose();
    const kinds = reports.map(({ type }) => type);
    expect(kinds.slice(2)).toEqual([
      ...["validationProgress", "validationProgress"],
      // The noise, and three steps.
      ...new Array<string>(4).fill("qualityProgress"),
      "epoch",
    ]);
    expect(reports.at(-2)).toMatchObject({ doing: "drawing", fraction: 1 });
  });

  it("leaves the training as it is, bit for bit", async () => {
    const plain = smallSession({ ...EVERY_EPOCH, emaDecay: 0.5 });
    const measured = smallSession({ ...EVERY_EPOCH, emaDecay: 0.5 }, { evaluate });
    const training = (reports: TrainingReport[]) =>
      reports.flatMap<object>((report) => {
        if (report.type === "step") {
          const { loss, gradNorm, learningRate } = report.step;
          return [{ loss, gradNorm, learningRate }];
        }
        if (report.type !== "epoch") return [];
        const { quality: _, wallTimeMs: __, ...told } = report.epoch;
        return [told];
      });
    expect(training(await reportsOf(measured))).toEqual(training(await reportsOf(plain)));
    const checkpoints = await Promise.all([plain.checkpoint(), measured.checkpoint()]);
    expect(checkpoints[1]).toEqual(checkpoints[0]);
    for (const session of [plain, measured]) session.dispose();
  });

  it("is that of the moving average where the run has one, else of the weights", async () => {
    let measured = new Float32Array();
    const keep: Evaluate = async function* ({ values }) {
      yield { doing: "drawing", fraction: 1 };
      measured = (await values.data<"float32">()).slice();
      return qualityFigures();
    };
    for (const emaDecay of [0.9, 0]) {
      const changes = { evaluateEvery: 1, emaDecay, emaUpdateAfter: 0, emaUpdateEvery: 1 };
      const session = smallSession(changes, { evaluate: keep });
      await reportsOf(session);
      expect(measured).toEqual(await samplerValues(session));
      const raw = await session.rawSampler.values.data<"float32">();
      expect(raw.every((value, i) => value === measured[i])).toBe(emaDecay === 0);
      session.dispose();
    }
  });

  it("is the same where a run goes on from a checkpoint in the middle of measuring", async () => {
    const whole = smallSession(EVERY_EPOCH, { evaluate });
    const expected = epochsOf(await reportsOf(whole));
    const first = smallSession(EVERY_EPOCH, { evaluate });
    const epochs: EpochReport[] = [];
    for await (const report of first.run()) {
      if (report.type === "epoch") epochs.push(report.epoch);
      if (report.type === "qualityProgress" && epochs.length === 1) break;
    }
    const checkpoint = await first.checkpoint();
    const start = { from: "checkpoint", checkpoint, epochs, best: null } as const;
    const second = smallSession(EVERY_EPOCH, { evaluate, start });
    epochs.push(...epochsOf(await reportsOf(second)));
    const timeless = (all: EpochReport[]) => all.map(({ wallTimeMs: _, ...told }) => told);
    expect(timeless(epochs)).toEqual(timeless(expected));
    expect(await second.checkpoint()).toEqual(await whole.checkpoint());
    for (const session of [whole, first, second]) session.dispose();
  });

  it("fails without the run, which tells it once until one succeeds again", async () => {
    let numCalls = 0;
    const failsBut: Evaluate = async function* (denoiser, config) {
      numCalls++;
      if (numCalls !== 3) throw new Error("There is no classifier.");
      return yield* evaluate(denoiser, config);
    };
    const session = smallSession({ epochs: 5, evaluateEvery: 1 }, { evaluate: failsBut });
    const reports = await reportsOf(session);
    const failures = reports.filter(({ type }) => type === "qualityFailed");
    expect(failures).toEqual([
      { type: "qualityFailed", epoch: 1, message: "There is no classifier." },
      { type: "qualityFailed", epoch: 4, message: "There is no classifier." },
    ]);
    const epochs = epochsOf(reports);
    expect(epochs).toHaveLength(5);
    expect(epochs.map((epoch) => "quality" in epoch)).toEqual([false, false, true, false, false]);
    session.dispose();
  });

  it("leaks nothing, also where the session or its reports end in the middle", async () => {
    const { numTensors } = tf.memory();
    const atFirst = async (leave: (session: TrainingSession) => Promise<void>) => {
      const session = smallSession({ evaluateEvery: 1 }, { evaluate });
      await leave(session);
      session.dispose();
      // What is disposed of in the middle frees the rest a moment later.
      await new Promise((resolve) => setTimeout(resolve));
      expect(tf.memory().numTensors).toBe(numTensors);
    };
    await atFirst(async (session) => {
      await reportsOf(session);
    });
    await atFirst(async (session) => {
      for await (const { type } of session.run()) if (type === "qualityProgress") break;
    });
    await atFirst(async (session) => {
      const reports = session.run();
      for (;;) {
        const { value } = await reports.next();
        if (value?.type === "qualityProgress") return;
      }
    });
  });
});
