import fc from "fast-check";
import { expect, it } from "vitest";
import { FormatError } from "../../../src/formats/formatError.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type WritableTensor,
} from "../../../src/formats/safetensors.ts";
import { inferUnetConfig } from "../../../src/nn/inferConfig.ts";
import { initialValues } from "../../../src/nn/parameters.ts";
import { fromStateDict, toStateDict } from "../../../src/nn/stateDict.ts";
import { createUnet } from "../../../src/nn/unet.ts";
import { unwrapNetworks } from "../../../src/nn/wrappedNetworks.ts";
import { damaged } from "../formats/mutations.ts";

/** The smallest network there is, as a file. */
function smallestFile(): Uint8Array {
  const { parameters } = createUnet({
    dim: 4,
    dimMults: [1],
    attnHeads: 1,
    attnDimHead: 1,
    selfCondition: false,
  });
  const tensors = new Map<string, WritableTensor>();
  for (const [name, tensor] of toStateDict(parameters, initialValues(parameters, 1)))
    tensors.set(name, { dtype: "F32", ...tensor });
  return encodeSafetensors({ tensors });
}

/** The whole way from a file to parameters; null when it is refused. */
function load(file: Uint8Array) {
  try {
    const { tensors } = decodeSafetensors(file);
    const { values } = unwrapNetworks(tensors);
    const { parameters } = createUnet(inferUnetConfig(values));
    return {
      tensors: values,
      stateDict: toStateDict(parameters, fromStateDict(parameters, values)),
    };
  } catch (error) {
    if (error instanceof FormatError && error.message.length < 2000) return null;
    throw error;
  }
}

it("a network's file damaged in any way gives exactly the tensors that it holds or is refused", () => {
  const file = smallestFile();
  const outcomes = { loaded: 0, refused: 0 };
  fc.assert(
    fc.property(damaged(file), (other) => {
      const result = load(other);
      outcomes[result ? "loaded" : "refused"]++;
      if (!result) return;
      const { tensors, stateDict } = result;
      expect(stateDict.size).toBe(tensors.size);
      for (const [name, { shape, values }] of tensors)
        expect(stateDict.get(name)).toEqual({ shape, values });
    }),
    { numRuns: 500 },
  );
  expect(load(file)).not.toBeNull();
  expect(outcomes.loaded).toBeGreaterThan(5);
  expect(outcomes.refused).toBeGreaterThan(100);
});
