import { describe, expect, it } from "vitest";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import { unwrapNetworks } from "../../../../src/engine/nn/wrappedNetworks.ts";

/** Tensors stand for themselves by the names they come under. */
function named(...names: string[]): Map<string, string> {
  return new Map(names.map((name) => [name, name]));
}

describe("the network in a file", () => {
  it("is all of it when nothing is around the network", () => {
    const tensors = named("init_conv.weight", "downs.0.2.mem_kv");
    expect(unwrapNetworks(tensors)).toEqual({ values: tensors, isAverage: false, ema: null });
  });

  it.each([
    "model.",
    "module.",
    "ema_model.",
    "online_model.",
    "ema_model.model.",
    "module.model.",
    "_orig_mod.",
  ])("loses the prefix %s", (prefix) => {
    const { values, isAverage, ema } = unwrapNetworks(named(`${prefix}init_conv.weight`));
    expect([...values]).toEqual([["init_conv.weight", `${prefix}init_conv.weight`]]);
    expect(isAverage).toBe(prefix.startsWith("ema_model."));
    expect(ema).toBeNull();
  });

  it("keeps a name that has a prefix's word elsewhere", () => {
    const tensors = named("modeling.weight", "downs.model.weight", "model");
    expect(unwrapNetworks(tensors).values).toEqual(tensors);
  });

  it("comes without the buffers of GaussianDiffusion", () => {
    const tensors = named(
      ...["betas", "alphas_cumprod", "posterior_mean_coef2", "loss_weight"],
      ...["model.init_conv.weight", "model.final_conv.bias"],
    );
    expect([...unwrapNetworks(tensors).values.keys()]).toEqual([
      "init_conv.weight",
      "final_conv.bias",
    ]);
  });

  it.each(["model.", "online_model.", "online_model.model."])(
    "comes with its moving average, without the buffers of EMA: %s",
    (prefix) => {
      const average = prefix.endsWith("model.model.") ? "ema_model.model." : "ema_model.";
      const { values, isAverage, ema } = unwrapNetworks(
        named(
          ...["initted", "step", "online_model.betas", "ema_model.betas"],
          ...[`${average}init_conv.weight`, `${prefix}init_conv.weight`],
        ),
      );
      expect([...values]).toEqual([["init_conv.weight", `${prefix}init_conv.weight`]]);
      expect(isAverage).toBe(false);
      expect([...(ema ?? [])]).toEqual([["init_conv.weight", `${average}init_conv.weight`]]);
    },
  );

  it("is refused when it is not one", () => {
    const several = () => unwrapNetworks(named("model.a", "online_model.a", "b", "ema_model.a"));
    expect(several).toThrow(FormatError);
    expect(several).toThrow(/several: 1 such as "model\.a", 1 such as "online_model\.a"/);
    expect(() => unwrapNetworks(named("ema_model.a", "ema_model.model.a"))).toThrow(FormatError);
  });

  it("is refused when there is none", () => {
    expect(() => unwrapNetworks(named())).toThrow(FormatError);
    expect(() => unwrapNetworks(named("betas", "step"))).toThrow(/got none.*save_file/);
  });
});
