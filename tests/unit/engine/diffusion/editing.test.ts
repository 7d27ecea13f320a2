import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { noisedBack, withKnown } from "../../../../src/engine/diffusion/editing/filling.ts";
import { invertStep } from "../../../../src/engine/diffusion/editing/inversion.ts";
import { mixingAt } from "../../../../src/engine/diffusion/forward.ts";
import {
  type Model,
  mixedAt,
  predictClippedStart,
  predictStart,
} from "../../../../src/engine/diffusion/model.ts";
import {
  OBJECTIVE_FORMULAS,
  predictNoise,
} from "../../../../src/engine/diffusion/objectiveFormulas.ts";
import {
  isOneLevel,
  OBJECTIVES,
  type ObjectiveId,
} from "../../../../src/engine/diffusion/objectives.ts";
import { correctStep } from "../../../../src/engine/diffusion/samplers/corrected.ts";
import { langevinStep } from "../../../../src/engine/diffusion/samplers/langevin.ts";
import type { Schedule } from "../../../../src/engine/diffusion/schedule.ts";
import { evenTimesteps } from "../../../../src/engine/diffusion/spacings.ts";
import { boundTerm, priorTerm } from "../../../../src/engine/quality/variationalBound.ts";
import { relativeError } from "../../../relativeError.ts";
import { sigmoidSchedule } from "../../../sigmoidSchedule.ts";

const SIZE = 4;
const imageOf = (values: ArrayLike<number>) =>
  tf.tensor4d(Float32Array.from(values), [1, SIZE, SIZE, 1]);
const pixels = (min: number, max: number) =>
  fc.array(fc.float({ min, max, noNaN: true }), { minLength: SIZE ** 2, maxLength: SIZE ** 2 });

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("filling in", () => {
  const schedule = sigmoidSchedule(1000);

  it("gives known pixels back to the last bit, and leaves the others as they are", () => {
    const masks = fc.array(fc.integer({ min: 0, max: 1 }), {
      minLength: SIZE ** 2,
      maxLength: SIZE ** 2,
    });
    fc.assert(
      fc.property(pixels(-1, 1), pixels(-4, 4), masks, (known, drawn, mask) => {
        const filled = withKnown(
          schedule,
          { x0: imageOf(known), mask: imageOf(mask) },
          { x: imageOf(drawn), t: -1, noise: null },
        );
        const expected = Float32Array.from(mask, (isKnown, i) => (isKnown ? known : drawn)[i] ?? 0);
        expect(filled.dataSync()).toEqual(expected);
      }),
    );
  });

  it("asks for noise before the end", () => {
    const [x, mask] = [imageOf(new Array(16).fill(0)), imageOf(new Array(16).fill(1))];
    expect(() => withKnown(schedule, { x0: x, mask }, { x, t: 3, noise: null })).toThrow(
      "needs fresh noise at t = 3",
    );
  });

  it.each(["v", "flow"] as const)(
    "goes back to as much image and as much noise as there is at a timestep, where the network predicts %s",
    (objective) => {
      const path = sigmoidSchedule(1000, objective);
      const { signals, noises } = path;
      const [zero, one] = [imageOf(new Array(16).fill(0)), imageOf(new Array(16).fill(1))];
      const back = (x: tf.Tensor4D, noise: tf.Tensor4D) =>
        noisedBack(path, { x, noise, t: 300, tBefore: 700 }).dataSync()[0] as number;
      const [kept, added] = [back(one, zero), back(zero, one)];
      expect(kept * (signals[300] as number)).toBeCloseTo(signals[700] as number, 6);
      const variance = (kept * (noises[300] as number)) ** 2 + added ** 2;
      expect(variance).toBeCloseTo((noises[700] as number) ** 2, 6);
    },
  );
});

describe("inversion", () => {
  const all = Object.keys(OBJECTIVES) as ObjectiveId[];

  it.each(all.filter((objective) => !isOneLevel(objective)))(
    "leads to noise from which the way back comes the nearer to the image the more steps there are, where the network predicts %s",
    (objective) => {
      const schedule = sigmoidSchedule(1000, objective);
      const model = modelOf(schedule);
      const image = imageOf(Array.from({ length: 16 }, (_, i) => i / 16 - 0.5));
      const errors = [20, 200].map((numSteps) => {
        const times = evenTimesteps(1000, numSteps);
        const upwards = times.toReversed();
        let x = image;
        for (const [i, tNext] of upwards.slice(1).entries()) {
          x = invertStep({ model, schedule, x, t: upwards[i] as number, tNext }).x;
        }
        for (const [i, tNext] of times.slice(1).entries()) {
          const t = times[i] as number;
          const prediction = predictStart({ model, schedule, x, t, before: null });
          x = mixedAt(schedule, { x, ...prediction }, [tNext]);
        }
        return tf.max(tf.abs(tf.sub(x, image))).dataSync()[0] as number;
      });
      const [few, many] = errors as [number, number];
      expect(many).toBeLessThan(few / 3);
      expect(many).toBeLessThan(0.02);
    },
  );
});

/** The exact answer for images whose pixels are normal with a deviation of a half. */
function modelOf(schedule: Schedule): Model {
  return (x, timesteps) => {
    const mixing = mixingAt(schedule, timesteps);
    const signal = tf.mul(mixing.signal, 0.25);
    const variance = tf.add(tf.mul(mixing.signal, signal), tf.square(mixing.noise));
    const x0 = tf.mul<tf.Tensor4D>(x, tf.div(signal, variance));
    const eps = predictNoise(x, x0, mixing);
    return OBJECTIVE_FORMULAS[schedule.objective].target({ x0, eps, mixing });
  };
}

describe("annealed Langevin dynamics", () => {
  it("bring pure noise to images of a noise level, which is left a little too wide by steps of a size", () => {
    const schedule = sigmoidSchedule(1000);
    const [model, tNext, stepSize] = [modelOf(schedule), 400, 0.2];
    let x = tf.randomNormal<tf.Rank.R4>([64, 28, 28, 1], 0, 1, "float32", 1);
    for (let i = 0; i < 100; i++) {
      const noise = tf.randomNormal<tf.Rank.R4>(x.shape, 0, 1, "float32", i + 2);
      x = langevinStep({ model, schedule, x, before: null, t: 999, tNext, stepSize, noise }).x;
    }
    const { mean, variance } = tf.moments(x);
    expect(mean.dataSync()[0]).toBeCloseTo(0, 1);
    const [signal, noise] = [schedule.signals[tNext], schedule.noises[tNext]] as [number, number];
    const exact = signal ** 2 / 4 + noise ** 2;
    expect((variance.dataSync()[0] as number) / exact).toBeCloseTo(1 + stepSize ** 2, 2);
    expect(exact).toBeLessThan(0.8);
  });

  it("need fresh noise until the last step", () => {
    const schedule = sigmoidSchedule(1000);
    const x = imageOf(new Array(16).fill(1));
    const given = { model: modelOf(schedule), schedule, x, before: null, noise: null, stepSize: 1 };
    expect(() => langevinStep({ ...given, t: 5, tNext: 3 })).toThrow("fresh noise at t = 3");
    const last = langevinStep({ ...given, t: 5, tNext: -1 });
    expect(last.x.dataSync()).toEqual(last.x0.dataSync());
  });
});

describe("the variational bound", () => {
  const schedule = sigmoidSchedule(1000);
  const x0 = Array.from({ length: 16 }, (_, i) => i / 8 - 1);

  it("is nothing at any t but 0 where the image is predicted, and grows with the square of the error", () => {
    const off = (by: number) => x0.map((value) => value + by);
    for (const t of [1, 10, 500, 999]) {
      expect(boundTerm(schedule, t, { x0, predicted: x0 })).toBe(0);
      const [once, twice] = [0.1, 0.2].map((by) =>
        boundTerm(schedule, t, { x0, predicted: off(by) }),
      );
      expect((twice as number) / (once as number)).toBeCloseTo(4, 8);
    }
  });

  it("tells at t = 0 the bits of a level: fewer the nearer, and finite however far", () => {
    const bits = [0, 0.05, 0.5, 2].map((by) =>
      boundTerm(schedule, 0, { x0, predicted: x0.map((value) => value + by) }),
    );
    expect(bits).toEqual(bits.toSorted((a, b) => a - b));
    expect(bits[0]).toBeGreaterThan(0);
    expect(bits.every(Number.isFinite)).toBe(true);
    // The levels' probabilities sum to one.
    const all = Array.from(
      { length: 256 },
      (_, level) => 2 ** -boundTerm(schedule, 0, { x0: [level / 127.5 - 1], predicted: [0.3] }),
    );
    expect(all.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
  });

  it("has a prior that is next to nothing, and none on the straight path", () => {
    expect(priorTerm(schedule, x0)).toBeGreaterThan(0);
    expect(priorTerm(schedule, x0)).toBeLessThan(1e-6);
    const flow = sigmoidSchedule(1000, "flow");
    expect(() => boundTerm(flow, 5, { x0, predicted: x0 })).toThrow("has none");
  });
});

describe("correction by the score", () => {
  const schedule = sigmoidSchedule(1000);
  const t = 400;
  const ratio = 0.2;
  const given = () => ({
    x: imageOf(Array.from({ length: 16 }, (_, i) => i / 4 - 2)),
    noise: imageOf(Array.from({ length: 16 }, (_, i) => Math.cos(i))),
  });
  const stepOf = (of = schedule) =>
    correctStep({ model: modelOf(of), schedule: of, ...given(), t, ratio, isShared: false }).x;

  it("goes along the score and adds noise, by a step that the ratio of their norms gives", () => {
    const { x, noise } = given();
    const model = modelOf(schedule);
    const { x0, mixing } = predictClippedStart({ model, schedule, x, t, before: null });
    const sigma = schedule.noises[t] as number;
    const eps = [...predictNoise(x, x0, mixing).dataSync()];
    const score = eps.map((of) => -of / sigma);
    const z = [...noise.dataSync()];
    const alpha = 1 - (schedule.noiseSchedule?.betas[t] as number);
    const size = 2 * alpha * ((ratio * Math.hypot(...z)) / Math.hypot(...score)) ** 2;
    const expected = [...x.dataSync()].map(
      (value, i) => value + size * (score[i] as number) + Math.sqrt(2 * size) * (z[i] as number),
    );
    expect(relativeError(stepOf().dataSync(), expected)).toBeLessThan(1e-6);
  });

  it("needs a noise schedule", () => {
    expect(() => stepOf(sigmoidSchedule(1000, "flow"))).toThrow("has none");
  });
});
