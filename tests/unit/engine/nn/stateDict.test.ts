import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import {
  initialValues,
  type ParameterSpec,
  totalElements,
} from "../../../../src/engine/nn/parameters.ts";
import {
  fromStateDict,
  type NamedArray,
  toStateDict,
} from "../../../../src/engine/nn/stateDict.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { fixtureWeights } from "./fixtureWeights.ts";

const init = { kind: "ones" } as const;
const SPECS: ParameterSpec[] = [
  { name: "fc.weight", shape: [2, 3], layout: "linear", init },
  { name: "norm.g", shape: [2], layout: "gain", init },
];
const FLAT = new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]);

describe("a state_dict", () => {
  it("has PyTorch's names, shapes and order of values", () => {
    expect(toStateDict(SPECS, FLAT)).toEqual(
      new Map([
        ["fc.weight", { shape: [3, 2], values: new Float32Array([1, 4, 2, 5, 3, 6]) }],
        ["norm.g", { shape: [1, 2, 1, 1], values: new Float32Array([7, 8]) }],
      ]),
    );
    expect(() => toStateDict(SPECS, new Float32Array(9))).toThrow("8 parameters, got 9");
  });

  it("gives the parameters back, whatever the order of its names", () => {
    const reversed = new Map([...toStateDict(SPECS, FLAT)].reverse());
    expect(fromStateDict(SPECS, reversed)).toEqual(FLAT);
  });

  it.each([
    ["unet-tiny", "weight."],
    ["unet-tiny", "trained."],
    ["unet-three-level", "weight."],
    ["self-condition", "weight."],
  ] as const)(
    "of PyTorch is bit for bit the same after the way here and back: %s, %s",
    (name, prefix) => {
      const { weights, config } = fixtureWeights(name, prefix);
      const { parameters } = createUnet(config);
      const flat = fromStateDict(parameters, weights);
      const back = toStateDict(parameters, flat);
      expect(flat).toHaveLength(totalElements(parameters));
      expect(back.size).toBe(weights.size);
      for (const [key, { shape, values }] of weights)
        expect(back.get(key)).toEqual({ shape, values });
    },
  );

  it("of a network of any configuration gives its parameters back", () => {
    const config = fc.record({
      dim: fc.constantFrom(4, 6, 8),
      dimMults: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      attnHeads: fc.integer({ min: 1, max: 3 }),
      attnDimHead: fc.integer({ min: 1, max: 5 }),
      selfCondition: fc.boolean(),
      classes: fc.constantFrom(0, 10),
    });
    fc.assert(
      fc.property(config, fc.nat(), (unet, seed) => {
        const { parameters } = createUnet(unet);
        const flat = initialValues(parameters, seed);
        const back = fromStateDict(parameters, toStateDict(parameters, flat));
        expect(Buffer.from(back.buffer).equals(Buffer.from(flat.buffer))).toBe(true);
      }),
      { numRuns: 10 },
    );
  });
});

describe("a state_dict that does not fit is refused", () => {
  const { weights, config } = fixtureWeights("unet-tiny");
  const { parameters } = createUnet(config);
  const refusal = (change: (tensors: Map<string, NamedArray>) => void): string => {
    const tensors = new Map<string, NamedArray>(weights);
    change(tensors);
    try {
      fromStateDict(parameters, tensors);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      return (error as FormatError).message;
    }
    throw new Error("The state_dict was taken.");
  };
  const filled = (name: string, value: number): NamedArray => {
    const { shape, values } = weights.get(name) as NamedArray;
    return { shape, values: Float32Array.from(values).fill(value, 1, 2) };
  };

  it("when tensors are missing, naming the first five and their number", () => {
    const names = parameters.map(({ name }) => name);
    const message = refusal((tensors) => {
      for (const name of names.slice(2, 9)) tensors.delete(name);
    });
    expect(message).toContain("Missing: 7 tensors,");
    for (const name of names.slice(2, 7)) expect(message).toContain(`"${name}"`);
    expect(message).not.toContain(`"${names[7]}"`);
    expect(message).toContain("and 2 more.");
    expect(refusal((tensors) => tensors.delete("init_conv.bias"))).toContain(
      'Missing: 1 tensor, "init_conv.bias".',
    );
  });

  it("when it has tensors that the network has not", () => {
    const extra = { shape: [1], values: new Float32Array(1) };
    expect(refusal((tensors) => tensors.set("class_emb.weight", extra))).toContain(
      'Not this network\'s: 1 tensor, "class_emb.weight".',
    );
  });

  it("when tensors have other shapes, even with as many values", () => {
    const message = refusal((tensors) => {
      const { values } = weights.get("mid_attn.mem_kv") as NamedArray;
      tensors.set("mid_attn.mem_kv", { shape: [2, 2, 8, 4], values });
    });
    expect(message).toContain('"mid_attn.mem_kv" (expected [2, 2, 4, 8], got [2, 2, 8, 4])');
  });

  it("when its values are integers", () => {
    expect(
      refusal((tensors) =>
        tensors.set("final_conv.bias", { shape: [1], values: new Int32Array([1]) }),
      ),
    ).toContain('1 tensor, "final_conv.bias".');
  });

  it("with everything that is wrong in one message", () => {
    const message = refusal((tensors) => {
      tensors.delete("init_conv.bias");
      tensors.set("other", { shape: [], values: new Float32Array(1) });
      tensors.set("final_conv.bias", { shape: [], values: new Float32Array(1) });
    });
    expect(message).toMatch(/Missing: 1 .*Not this network's: 1 .*Of another shape: 1 /);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "when a tensor holds %d",
    (value) => {
      const message = refusal((tensors) => {
        tensors.set("init_conv.bias", filled("init_conv.bias", value));
        tensors.set("time_mlp.3.weight", filled("time_mlp.3.weight", value));
      });
      expect(message).toMatch(/NaN or infinity in 2 tensors, "init_conv\.bias", "time_mlp\.3\.w/);
    },
  );
});
