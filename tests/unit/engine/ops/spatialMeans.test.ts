import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { spatialMeans } from "../../../../src/engine/ops/pooling.ts";
import { normal } from "../../../evaluate.ts";
import { BACKENDS, expectSame } from "./oracle.ts";

describe.each(BACKENDS)("on %s", (backend) => {
  it("spatialMeans is the mean over the positions, with the stock gradient", async () => {
    await expectSame({
      backend,
      inputs: [normal([3, 4, 6, 5])],
      operation: spatialMeans,
      oracle: (x) => tf.mean(x, [1, 2]),
    });
  });
});
