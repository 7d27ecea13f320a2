import { describe, expect, it } from "vitest";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import { fromFloat16, toFloat16 } from "../../../../src/engine/formats/safetensors/float16.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type WritableTensor,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import {
  type ClassifierFacts,
  decodeClassifier,
  decodeReader,
  encodeClassifier,
} from "../../../../src/engine/quality/classifierFile.ts";
import { createClassifierNetwork } from "../../../../src/engine/quality/classifierNetwork.ts";

const values = initialValues(createClassifierNetwork(10).parameters, 0);
const facts: ClassifierFacts = {
  dataset: "MNIST",
  epochs: 2,
  steps: 1876,
  seed: 3,
  command: "npm run train:classifier -- --epochs 2 --seed 3",
  numTestImages: 10_000,
  testAccuracy: 0.9912,
  testConfidence: 0.99,
  testShareConfident: 0.97,
};
const bytes = encodeClassifier({ values, numClasses: 10, facts });

/** The file with its tensors or metadata changed. */
function changed(
  change: (tensors: Map<string, WritableTensor>, metadata: Record<string, string>) => void,
): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const writable = new Map<string, WritableTensor>();
  for (const [name, tensor] of tensors) {
    if (tensor.dtype === "F16") writable.set(name, { ...tensor, dtype: "F16" });
  }
  change(writable, metadata);
  return encodeSafetensors({ tensors: writable, metadata });
}

function refusal(file: Uint8Array): string {
  try {
    decodeClassifier(file);
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    throw error;
  }
  throw new Error("The file was taken.");
}

describe("a classifier's file", () => {
  it("gives back the weights, rounded to float16, and how they were trained", () => {
    const stored = { values: fromFloat16(toFloat16(values)), numClasses: 10, facts };
    expect(decodeClassifier(bytes)).toEqual(stored);
  });

  it("has the names and shapes of PyTorch", () => {
    const { tensors } = decodeSafetensors(bytes);
    const shapes = Array.from(tensors, ([name, { shape }]) => [name, shape.join()]);
    expect(Object.fromEntries(shapes)).toMatchObject({
      "block1.conv.weight": "32,4,3,3",
      "block1.norm.g": "1,32,1,1",
      "down.conv.weight": "64,128,1,1",
      "to_logits.weight": "10,64",
    });
  });
});

describe("a file of a reader", () => {
  const reader = initialValues(createClassifierNetwork(3).parameters, 0);
  const file = encodeClassifier({
    values: reader,
    numClasses: 3,
    facts: { ...facts, checksum: -7 },
  });

  it("gives as many classes as it has, for the images whose checksum it names", () => {
    expect(decodeReader(file, -7)).toMatchObject({ numClasses: 3, facts: { checksum: -7 } });
    expect(decodeReader(file, 7)).toBeNull();
    expect(decodeReader(bytes, -7)).toBeNull();
  });

  it("is not used where it is damaged", () => {
    expect(decodeReader(file.subarray(0, 5000), -7)).toBeNull();
    expect(decodeReader(Uint8Array.of(1, 2, 3), -7)).toBeNull();
  });
});

describe("a broken file of a classifier", () => {
  it("that is no safetensors says what was expected", () => {
    expect(refusal(new TextEncoder().encode("<!doctype html><title>404</title>"))).toMatch(
      /^Expected a safetensors file, got/,
    );
  });

  it("that is cut off is refused", () => {
    expect(refusal(bytes.subarray(0, bytes.length - 100))).toMatch(/bytes/);
  });

  it("names a tensor that is missing, one too many, and one of another shape", () => {
    const message = refusal(
      changed((tensors) => {
        const bias = tensors.get("to_logits.bias") as WritableTensor;
        tensors.delete("to_logits.bias");
        tensors.set("bias", bias);
        tensors.set("block1.norm.g", { ...bias, shape: [10] } as WritableTensor);
      }),
    );
    expect(message).toContain('Missing: 1 tensor, "to_logits.bias".');
    expect(message).toContain(`Not this network's: 1 tensor, "bias".`);
    expect(message).toContain('"block1.norm.g" (expected [1, 32, 1, 1], got [10])');
  });

  it("names the tensor that is not finite", () => {
    const message = refusal(
      changed((tensors) => {
        tensors.get("to_logits.bias")?.values.set([Number.NaN]);
      }),
    );
    expect(message).toMatch(/NaN or infinity in 1 tensor, "to_logits.bias"/);
  });

  it.each([
    ["has none", undefined, /dataset \(string\), epochs \(number\)/],
    ["is no JSON", "{", /dataset \(string\)/],
    [
      "lacks one",
      JSON.stringify({ ...facts, testAccuracy: null }),
      /tell testAccuracy \(number\)\./,
    ],
  ])("says which facts are missing where the metadata %s", (_, text, message) => {
    const file = changed((_tensors, metadata) => {
      if (text === undefined) delete metadata.classifier;
      else metadata.classifier = text;
    });
    expect(refusal(file)).toMatch(message);
  });
});
