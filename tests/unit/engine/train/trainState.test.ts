import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  applyGradient,
  learningRateAt,
  type TrainState,
} from "../../../../src/engine/train/trainState.ts";
import { smallConfig } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("the learning rate", () => {
  const RATES = {
    learningRate: 0.1,
    warmupSteps: 4,
    lrDecay: "constant",
    totalSteps: 1000,
  } as const;

  it("rises linearly over the warm-up and then stays to the end", () => {
    const rates = [1, 2, 3, 4, 5, 500, 1000].map((step) => learningRateAt(step, RATES));
    [0.025, 0.05, 0.075, 0.1, 0.1, 0.1, 0.1].forEach((rate, i) => {
      expect(rates[i]).toBeCloseTo(rate, 12);
    });
  });

  it("is constant without a warm-up", () => {
    for (const step of [1, 2, 1000]) {
      expect(learningRateAt(step, { ...RATES, warmupSteps: 0 })).toBe(0.1);
    }
  });

  it("with a cosine rises in the same way, is full after it, half in the middle, and then falls to near 0", () => {
    const config = { ...RATES, lrDecay: "cosine", totalSteps: 12 } as const;
    const rates = [1, 2, 3, 4, 5, 7, 9, 11, 12].map((step) => learningRateAt(step, config));
    const [quarter, eighth] = [Math.SQRT1_2, Math.cos(Math.PI / 8)];
    const expected = [
      ...[0.025, 0.05, 0.075, 0.1, 0.1],
      ...[0.05 * (1 + quarter), 0.05, 0.05 * (1 - quarter), 0.05 * (1 - eighth)],
    ];
    expected.forEach((rate, i) => {
      expect(rates[i]).toBeCloseTo(rate, 12);
    });
    // The next phase of a distillation begins anew.
    expect(learningRateAt(13, config)).toBe(rates[0]);
  });

  it("with a cosine is torch's, step by step from the one before", () => {
    const config = { ...RATES, warmupSteps: 0, lrDecay: "cosine", totalSteps: 50 } as const;
    // CosineAnnealingLR.get_lr with eta_min 0: the optimizer's first step has the rate as it is.
    let rate = 0.1;
    for (let t = 0; t < 50; t++) {
      if (t > 0) {
        rate *= (1 + Math.cos((Math.PI * t) / 50)) / (1 + Math.cos((Math.PI * (t - 1)) / 50));
      }
      expect(learningRateAt(t + 1, config)).toBeCloseTo(rate, 12);
    }
  });

  it("with a cosine never falls where the warm-up is as long as the run", () => {
    const config = { ...RATES, warmupSteps: 12, lrDecay: "cosine", totalSteps: 12 } as const;
    expect(learningRateAt(6, config)).toBeCloseTo(0.05, 12);
    expect(learningRateAt(12, config)).toBeCloseTo(0.1, 12);
  });
});

describe("an optimizer step", () => {
  /** Of length 5. */
  const GRADIENT = [3, -4, 0];
  const START = [1, 2, 3];

  /** Two steps along the same gradient. */
  async function stepped(maxGradNorm: number) {
    const state: TrainState = {
      step: 0,
      values: tf.tensor1d(START),
      optimizerState: { mean: tf.zeros([3]), square: tf.zeros([3]) },
      ema: null,
      teacher: null,
    };
    // An epsilon as large as a clipped gradient: without it Adam does not see the gradient's size.
    const settings = { maxGradNorm, adamEps: 1e-2, weightDecay: 0.1, learningRate: 0.1 };
    const config = { ...smallConfig(settings), totalSteps: 2, parameters: [] };
    const norms: number[] = [];
    for (let step = 0; step < 2; step++) {
      const norm = applyGradient(state, tf.tensor1d(GRADIENT), config);
      norms.push(...(await norm.data()));
    }
    return { values: await state.values.data(), norms };
  }

  /** AdamW along a gradient that stays: m / (sqrt(v) + eps) is g / (|g| + eps) after every step. */
  function expected(scale: number): number[] {
    return START.map((start, i) => {
      const g = scale * (GRADIENT[i] as number);
      const update = 0.1 * (g / (Math.abs(g) + 1e-2));
      return (start * 0.99 - update) * 0.99 - update;
    });
  }

  it.each([
    ["as it is when there is no clip", 0, 1],
    ["shortened to the clip when it is longer", 0.02, 0.02 / 5],
    ["as it is when it is shorter", 6, 1],
  ])("takes the gradient %s", async (_, maxGradNorm, scale) => {
    const { values, norms } = await stepped(maxGradNorm);
    expected(scale).forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 5);
    });
    expect(norms).toEqual([5, 5]);
  });
});
