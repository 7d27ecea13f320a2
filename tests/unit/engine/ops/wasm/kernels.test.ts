import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fullAttention, linearAttention } from "../../../../../src/engine/ops/attention.ts";
import { activated, activationGradient } from "../../../../../src/engine/ops/linear.ts";
import { rmsNormSilu } from "../../../../../src/engine/ops/normSilu.ts";
import { valueAndGradients, withGradient } from "../../../../../src/engine/ops/tape.ts";
import { fastestVariant, type Variant } from "../../../../../src/engine/ops/wasm/module.ts";
import { KERNELS, registerWasmKernels } from "../../../../../src/engine/ops/wasm/register.ts";
import { globalNorm } from "../../../../../src/engine/optim/clip.ts";
import { randomNormals } from "../../../../../src/engine/random.ts";
import { CASES, evaluateCase } from "../../../../gpu/operations.ts";
import { relativeError } from "../../../../relativeError.ts";

/** Older versions of Node have no relaxed SIMD. */
const VARIANTS: Variant[] = fastestVariant() === "relaxed" ? ["simd", "relaxed"] : ["simd"];

beforeAll(async () => {
  await tf.setBackend("wasm");
  poisonOutputs(tf.backend() as BackendWasm);
});

describe.each(VARIANTS)("the kernels with %s instructions", (variant) => {
  beforeEach(async () => {
    await registerWasmKernels(variant);
  });

  afterEach(unregisterKernels);

  it("take the place of the composed operations", async () => {
    const spies = Object.keys(KERNELS).map((name) =>
      vi.spyOn(tf.getKernel(name, "wasm"), "kernelFunc"),
    );
    for (const name of [...CASES.keys()].toReversed())
      if (spies.some((spy) => spy.mock.calls.length === 0)) await evaluated(name);
    for (const spy of spies) expect(spy).toHaveBeenCalled();
  });

  it.each([...CASES.keys()])("compute the same as composed operations: %s", async (name) => {
    const actual = await evaluated(name);
    const again = await evaluated(name);
    unregisterKernels();
    const expected = await evaluated(name);
    expect(relativeError(actual.value.values, expected.value.values)).toBeLessThan(1e-5);
    actual.gradients.forEach(({ values }, i) => {
      expect(relativeError(values, expected.gradients[i]?.values ?? [])).toBeLessThan(1e-5);
    });
    expect(bitsOf(again)).toEqual(bitsOf(actual));
  });

  it.each(["silu", "gelu"] as const)(
    "%s goes to 0 and to x far out, its slope to 0 and 1",
    (activation) => {
      const far = [-3e38, -1e4, -100, 0, 100, 1e4, 3e38].map(Math.fround);
      const x = tf.tensor1d([...far, Number.NaN]);
      const values = activated(activation, x).dataSync();
      const slopes = activationGradient(activation, x, tf.onesLike(x)).dataSync();
      far.forEach((number, i) => {
        expect(values[i]).toBeCloseTo(Math.max(0, number), 6);
        expect(slopes[i]).toBeCloseTo(0.5 + 0.5 * Math.sign(number), 6);
      });
      expect([values[far.length], slopes[far.length]]).toEqual([Number.NaN, Number.NaN]);
    },
  );

  it("leave a pixel of zeros finite, with its gradients", () => {
    const x = tf.zeros<tf.Rank.R4>([1, 1, 2, 5]);
    const gain = tf.ones<tf.Rank.R1>([5]);
    const { value, gradients } = valueAndGradients(() => sumOf(rmsNormSilu(x, gain)), [x, gain]);
    for (const tensor of [value, ...gradients])
      expect(tensor.dataSync().every(Number.isFinite)).toBe(true);
  });

  it.each([fullAttention, linearAttention])("%o to a key that is no number is none", (attend) => {
    const memory = tf.buffer<tf.Rank.R4>([2, 1, 3, 4]);
    memory.set(Number.NaN, 0, 0, 1, 2);
    const inputs = {
      x: tf.ones<tf.Rank.R4>([1, 2, 3, 5]),
      qkvKernel: tf.ones<tf.Rank.R4>([1, 1, 5, 12]),
      memoryKeyValues: memory.toTensor(),
      heads: 1,
      outKernel: tf.ones<tf.Rank.R4>([1, 1, 4, 5]),
      outBias: tf.zeros<tf.Rank.R1>([5]),
    };
    expect(attend(inputs).dataSync().every(Number.isNaN)).toBe(true);
  });

  it("measure the norm of millions as exactly as that of a few", () => {
    const values = randomNormals({ seed: 0, stream: "weights", index: 0 }, 3_000_001);
    const exact = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
    const [norm] = globalNorm(tf.tensor1d(values)).dataSync();
    expect(Math.abs((norm as number) / exact - 1)).toBeLessThan(1e-6);
  });
});

function sumOf(x: tf.Tensor): tf.Scalar {
  return withGradient([x], () => ({
    value: tf.sum(x),
    gradient: () => [tf.onesLike(x)],
  }));
}

type Evaluated = Awaited<ReturnType<typeof evaluateCase>>;

const evaluated = (name: string): Promise<Evaluated> => evaluateCase("wasm", name);

const bitsOf = ({ value, gradients }: Evaluated) =>
  [value, ...gradients].map(({ values }) => Buffer.from(values.buffer).toString("base64"));

function unregisterKernels(): void {
  for (const kernelName of Object.keys(KERNELS)) {
    if (tf.getKernel(kernelName, "wasm")) tf.unregisterKernel(kernelName, "wasm");
  }
}

/** Every tensor begins full of NaN, so that what a kernel does not write shows. */
function poisonOutputs(backend: BackendWasm): void {
  const makeOutput = backend.makeOutput.bind(backend);
  backend.makeOutput = (...given) => {
    const output = makeOutput(...given);
    const [, , memoryOffset, values] = given;
    if (memoryOffset === undefined && !values) backend.typedArrayFromHeap(output).fill(Number.NaN);
    return output;
  };
}
