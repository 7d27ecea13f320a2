import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import { inferNetwork } from "../../../../src/engine/nn/inferConfig.ts";
import { torchShape } from "../../../../src/engine/nn/layout.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import type { UnetConfig } from "../../../../src/engine/nn/unetBlocks.ts";
import { fixtureWeights } from "./fixtureWeights.ts";

/** The shapes that PyTorch's `state_dict` has of a network. */
function shapesOf(config: UnetConfig): Map<string, { shape: number[] }> {
  return new Map(
    createUnet(config).parameters.map(({ name, layout, shape }) => [
      name,
      { shape: torchShape(layout, shape) },
    ]),
  );
}

const CONFIG: UnetConfig = {
  dim: 8,
  dimMults: [1, 2, 4],
  attnHeads: 2,
  attnDimHead: 16,
  selfCondition: false,
  classes: 0,
};

describe("the configuration of a network", () => {
  it.each(["unet-tiny", "unet-three-level"] as const)(
    "read off the shapes is what PyTorch made it with: %s",
    (name) => {
      const { weights, config } = fixtureWeights(name);
      expect(inferNetwork(weights)).toEqual({ architecture: "unet", ...config });
    },
  );

  it("is read off the shapes whatever it is", () => {
    const configs = fc.record({
      dim: fc.integer({ min: 2, max: 40 }).map((half) => 2 * half),
      dimMults: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      attnHeads: fc.integer({ min: 1, max: 9 }),
      attnDimHead: fc.integer({ min: 1, max: 64 }),
      selfCondition: fc.boolean(),
      classes: fc.constantFrom(0, 1, 10, 47),
    });
    fc.assert(
      fc.property(configs, (config) => {
        expect(inferNetwork(shapesOf(config))).toEqual({ architecture: "unet", ...config });
      }),
    );
  });

  it("has more than nine levels in their order", () => {
    const dimMults = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    expect(inferNetwork(shapesOf({ ...CONFIG, dimMults }))).toMatchObject({ dimMults });
  });
});

const NAMES = [...shapesOf(CONFIG).keys()];
const without = (names: string[]) => Object.fromEntries(names.map((name) => [name, null]));

describe("tensors that are not such a network's are refused", () => {
  const refusal = (changes: Record<string, number[] | null>): string => {
    const tensors = shapesOf(CONFIG);
    for (const [name, shape] of Object.entries(changes)) {
      if (shape) tensors.set(name, { shape });
      else tensors.delete(name);
    }
    try {
      inferNetwork(tensors);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      return (error as FormatError).message;
    }
    throw new Error("A configuration was found.");
  };

  it.each([
    "init_conv.weight",
    "final_conv.weight",
    "time_mlp.1.weight",
    "downs.1.3.1.weight",
    "downs.2.3.weight",
    "mid_attn.mem_kv",
    "mid_attn.to_qkv.weight",
  ])("naming %s alone when it is missing", (name) => {
    expect(refusal({ [name]: null })).toContain(`Missing: 1 tensor, "${name}". `);
  });

  it("naming the first of a whole level that is missing", () => {
    const level = NAMES.filter((name) => name.startsWith("downs.2."));
    expect(refusal(without(level))).toContain(
      `Missing: ${level.length} tensors, "downs.2.3.weight", "downs.2.0.mlp`,
    );
  });

  it("naming five and the number when more are missing, first those that tell the most", () => {
    const middle = NAMES.filter((name) => name.startsWith("mid_"));
    const message = refusal(without([...middle, "init_conv.bias"]));
    expect(message).toContain(
      `Expected the ${NAMES.length} tensors of a U-Net, got ${NAMES.length - middle.length - 1} of them.`,
    );
    expect(message).toContain(
      `Missing: ${middle.length + 1} tensors, "mid_attn.mem_kv", "mid_attn.to_qkv.weight", "init_conv.bias", `,
    );
    expect(message.match(/"[^"]+"/g)).toHaveLength(5);
    expect(message).toContain(` and ${middle.length - 4} more. `);
  });

  it("when there is none, or others", () => {
    expect(() => inferNetwork(new Map())).toThrow(/no tensor at all/);
    const others = new Map([["conv1.weight", { shape: [64, 3, 7, 7] }]]);
    expect(() => inferNetwork(others)).toThrow(/"init_conv\.weight".*"conv1\.weight"/);
    const manyLevels = new Map([["downs.999999999.3.1.weight", { shape: [1] }]]);
    expect(() => inferNetwork(manyLevels)).toThrow(/"downs\.999999999\.3\.1\.weight"/);
  });

  it("with more levels than any image can be halved for, before millions of tensors are named", () => {
    const outer = (_: unknown, level: number): [string, { shape: number[] }] => [
      `downs.${level}.3.1.weight`,
      { shape: [8, 32, 1, 1] },
    ];
    const levels = new Map(Array.from({ length: 50_000 }, outer));
    expect(() => inferNetwork(levels)).toThrow(/at most 16 levels, got 50000/);
    // Also where nothing is missing.
    const whole = shapesOf({ ...CONFIG, dimMults: Array(17).fill(1) });
    expect(() => inferNetwork(whole)).toThrow(/at most 16 levels, got 17/);
  });

  it("with images of several channels, or a learned variance", () => {
    expect(refusal({ "init_conv.weight": [8, 3, 7, 7] })).toMatch(/1 input channel.* got 3/);
    expect(
      refusal({ "init_conv.weight": [8, 2, 7, 7], "final_conv.weight": [2, 8, 1, 1] }),
    ).toMatch(/"final_conv\.weight": expected the shape \[1, 8, 1, 1\], got \[2, 8, 1, 1\]/);
  });

  it.each([
    ["of another rank", { "init_conv.weight": [8, 1, 7] }],
    ["of another kernel", { "init_conv.weight": [8, 1, 3, 3] }],
    ["with an odd dim", { "init_conv.weight": [7, 1, 7, 7] }],
    ["with a dim that is too small", { "init_conv.weight": [2, 1, 7, 7] }],
    ["with an init_dim of its own", { "time_mlp.1.weight": [64, 16] }],
    ["with a width that is no multiple", { "downs.2.3.weight": [20, 16, 3, 3] }],
    ["with a width of nothing", { "downs.2.3.weight": [0, 16, 3, 3] }],
    ["with levels that do not join", { "downs.1.3.1.weight": [16, 64, 1, 1] }],
    ["with more memory", { "mid_attn.mem_kv": [2, 2, 8, 16] }],
    ["with no heads", { "mid_attn.mem_kv": [2, 0, 4, 16] }],
    ["with heads that its queries do not have", { "mid_attn.to_qkv.weight": [48, 32, 1, 1] }],
  ])("%s", (_, changes) => {
    const [name = ""] = Object.keys(changes);
    const isLevel = name.startsWith("downs.2");
    expect(refusal(changes)).toContain(isLevel ? "Level 2" : `"${name}"`);
  });
});
