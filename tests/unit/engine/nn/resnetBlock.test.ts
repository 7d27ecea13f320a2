import * as tf from "@tensorflow/tfjs-core";
import { defineResnetBlock } from "../../../../src/engine/nn/layerParameters.ts";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  byName,
  collectParameters,
  numElements,
  type ParameterSpec,
} from "../../../../src/engine/nn/parameters.ts";
import { type DropoutMask, resnetBlock } from "../../../../src/engine/nn/resnetBlock.ts";
import { randomNormals } from "../../../../src/engine/random.ts";
import { relativeError } from "../../../relativeError.ts";

const WIDTH = 4;
const NUM_POSITIONS = 2 * 5 * 5;

beforeAll(async () => {
  await tf.setBackend("wasm");
});

function normals(shape: readonly number[], index: number): Float32Array {
  return randomNormals({ seed: 0, stream: "weights", index }, numElements(shape));
}

/** A block of equal widths, all parameters and inputs normal. */
function block() {
  const specs: ParameterSpec[] = [];
  const options = { numIn: WIDTH, numOut: WIDTH, timeDim: 3 };
  const parameters = defineResnetBlock(collectParameters(specs), options);
  const values = specs.map(({ shape }, i) => normals(shape, i));
  const p = byName(
    specs,
    specs.map(({ shape }, i) => tf.tensor(values[i] as Float32Array, [...shape])),
  );
  const valuesOf = (name: string) =>
    values[specs.findIndex((spec) => spec.name === name)] as Float32Array;
  const x = tf.tensor4d(normals([NUM_POSITIONS, WIDTH], 100), [2, 5, 5, WIDTH]);
  const film = tf.tensor2d(normals([2, 2 * WIDTH], 101), [2, 2 * WIDTH]);
  /** What the block adds to its input. */
  const change = async (dropout?: DropoutMask) =>
    tf.sub(resnetBlock(p, parameters, [x], { film, dropout }), x).data<"float32">();
  return { valuesOf, change };
}

describe("the dropout of a ResNet block", () => {
  it("is between its halves: of a dropped first one the second sees only its own bias", async () => {
    const { valuesOf, change } = block();
    const [bias, gain] = [valuesOf("block2.proj.bias"), valuesOf("block2.norm.g")];
    const norm = Math.hypot(...bias);
    const ofPosition = Array.from(bias, (b, channel) => {
      const v = (b / norm) * (gain[channel] as number) * Math.sqrt(WIDTH);
      return v / (1 + Math.exp(-v));
    });
    const expected = Array.from({ length: NUM_POSITIONS }, () => ofPosition).flat();
    expect(relativeError(await change((shape) => tf.zeros(shape)), expected)).toBeLessThan(1e-5);
    expect(relativeError(await change(), expected)).toBeGreaterThan(0.1);
  });

  it("asks for one mask, of the first half's shape, and one of ones changes nothing", async () => {
    const { change } = block();
    const shapes: number[][] = [];
    const ones: DropoutMask = (shape) => {
      shapes.push(shape);
      return tf.ones(shape);
    };
    expect(await change(ones)).toEqual(await change());
    expect(shapes).toEqual([[2, 5, 5, WIDTH]]);
  });
});
