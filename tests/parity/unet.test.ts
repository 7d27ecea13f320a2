import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { byName, splitParameters } from "../../src/nn/parameters.ts";
import { relativeError } from "../relativeError.ts";
import {
  imagesOf,
  readReference,
  referenceParameters,
  referenceUnet,
  timestepsOf,
} from "./reference.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe.each(["unet-tiny", "unet-three-level"])("%s", (file) => {
  const reference = readReference(file);
  const unet = referenceUnet(reference);

  it("has as many parameters as the original", () => {
    const total = referenceParameters(reference, unet, "weight").length;
    expect(total).toBe(Number(reference.metadata.parameters));
  });

  it("gives the original's output", async () => {
    const flat = tf.tensor1d(referenceParameters(reference, unet, "weight"));
    const p = byName(unet.parameters, splitParameters(unet.parameters, flat));
    const out = unet.forward(p, {
      x: imagesOf(reference, "noise"),
      timesteps: timestepsOf(reference, "timesteps"),
    });
    expect(relativeError(await out.data(), reference.get("unet_out").values)).toBeLessThan(1e-4);
  });
});
