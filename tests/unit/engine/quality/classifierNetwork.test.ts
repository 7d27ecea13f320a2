import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { describe, expect, it } from "vitest";
import { initialValues, numElements, totalElements } from "../../../../src/engine/nn/parameters.ts";
import { toStateDict } from "../../../../src/engine/nn/stateDict.ts";
import { createClassifier } from "../../../../src/engine/quality/classifier.ts";
import { createClassifierNetwork } from "../../../../src/engine/quality/classifierNetwork.ts";
import { classifierGradient } from "../../../../src/engine/quality/classifierTraining.ts";
import { relativeError } from "../../../relativeError.ts";
import { BACKENDS } from "../ops/oracle.ts";
import { noiseImages } from "../train/smallRun.ts";
import { plainClassifier } from "./plainClassifier.ts";

const { parameters } = createClassifierNetwork(10);
const start = initialValues(parameters, 3);
const labels = Uint8Array.of(7, 2);
const { images } = noiseImages(2);
const imageOf = (i: number) => images.subarray(i * 784, (i + 1) * 784);

/** The cross-entropy of the two images, summed. */
function plainLoss(values: Float32Array): number {
  const stateDict = toStateDict(parameters, values);
  return Array.from(labels, (label, i) => {
    const { probabilities } = plainClassifier(stateDict, imageOf(i));
    return -Math.log(probabilities[label] as number);
  }).reduce((sum, loss) => sum + loss);
}

async function lossAndGradient() {
  const network = createClassifierNetwork(10);
  const values = tf.tensor1d(start);
  const made = classifierGradient(network, values, { images, labels });
  const [[lossSum], gradient] = [
    await made.lossSum.data<"float32">(),
    await made.gradient.data<"float32">(),
  ];
  tf.dispose([values, made.lossSum, made.gradient]);
  return { lossSum, gradient };
}

/** By central differences, at two values of every parameter. */
function plainSlopes(): { what: string; index: number; slope: number }[] {
  let end = 0;
  return parameters.flatMap(({ name, shape }) => {
    const first = end;
    const size = numElements(shape);
    end += size;
    return [first + Math.floor(size / 3), end - 1].map((index) => {
      const [above, below] = [2 ** -7, -(2 ** -7)].map((change) => {
        const values = start.slice();
        values[index] = (values[index] as number) + change;
        return { value: values[index] as number, loss: plainLoss(values) };
      }) as [Point, Point];
      const slope = (above.loss - below.loss) / (above.value - below.value);
      return { what: `${name} ${index - first}`, index, slope };
    });
  });
}

interface Point {
  value: number;
  loss: number;
}

const slopes = plainSlopes();

describe("the classifier", () => {
  it("has 56,458 parameters", () => {
    expect(totalElements(parameters)).toBe(56_458);
  });
});

describe.each(BACKENDS)("the classifier on %s", (backend) => {
  it("computes what its file says in plain JavaScript", async () => {
    await tf.setBackend(backend);
    const classifier = createClassifier({ values: start, numClasses: 10 });
    const { probabilities, features } = await classifier.classify(images);
    classifier.dispose();
    const stateDict = toStateDict(parameters, start);
    const expected = [0, 1].map((i) => plainClassifier(stateDict, imageOf(i)));
    const all = (name: "probabilities" | "features") => expected.flatMap((one) => one[name]);
    expect(relativeError(probabilities, all("probabilities"))).toBeLessThan(1e-5);
    expect(relativeError(features, all("features"))).toBeLessThan(1e-5);
    // Else the comparison would say little.
    expect(relativeError(features.subarray(0, 64), features.subarray(64))).toBeGreaterThan(0.01);
  });

  it("has the gradient of its loss at every kind of parameter", async () => {
    await tf.setBackend(backend);
    const { lossSum, gradient } = await lossAndGradient();
    expect(lossSum).toBeCloseTo(plainLoss(start), 4);
    for (const { what, index, slope } of slopes) {
      expect(gradient[index], what).toBeCloseTo(slope, 3);
    }
    // Else the comparison would say little.
    expect(slopes.filter(({ slope }) => Math.abs(slope) > 0.01).length).toBeGreaterThan(10);
  });
});
