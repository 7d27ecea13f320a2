import { describe, expect, it } from "vitest";
import {
  defaultConfig,
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "../../../../src/engine/config/hyperparameters.ts";
import {
  isSameNetwork,
  NETWORK_SETTINGS,
  withNetwork,
  withSampling,
} from "../../../../src/engine/config/network.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { totalElements } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";

const tiny = presetConfig("tiny");
/** One of each setting of the network changed. */
const OTHERS: Partial<RunConfig>[] = [
  { dim: 10 },
  { dimMults: [1, 3] },
  { dimMults: [12] },
  { attnHeads: 3 },
  { attnDimHead: 12 },
  { selfCondition: true },
];

/** What the weights of one network must have in common with those of another to fit it. */
function shapes(config: RunConfig) {
  return createUnet(config).parameters.map(({ name, shape }) => `${name} ${shape}`);
}

describe("the network of two settings", () => {
  it("is the same when all that they have in common is the network", () => {
    const others = { ...presetConfig("quick"), objective: "x0", timesteps: 50 } as const;
    const mixed = withNetwork(others, { ...tiny, dimMults: [...tiny.dimMults] });
    expect(mixed).toMatchObject({ objective: "x0", batchSize: others.batchSize });
    expect(isSameNetwork(mixed, tiny)).toBe(true);
  });

  it.each(OTHERS)("is another one with %j, whose weights have other shapes", (changes) => {
    const other = { ...tiny, ...changes };
    expect(isSameNetwork(tiny, other)).toBe(false);
    expect(isSameNetwork(other, tiny)).toBe(false);
    expect(shapes(other)).not.toEqual(shapes(tiny));
  });

  it("is the same whatever setting changes that the shapes do not follow from", () => {
    const isOfArchitecture = (name: HyperparameterName) =>
      (NETWORK_SETTINGS as readonly HyperparameterName[]).includes(name);
    for (const name of Object.keys(HYPERPARAMETERS) as HyperparameterName[]) {
      if (isOfArchitecture(name)) continue;
      const h = HYPERPARAMETERS[name];
      const value =
        h.kind === "choice"
          ? Object.keys(h.options).find((id) => id !== tiny[name])
          : h.kind === "switch"
            ? !h.default
            : h.max;
      const other = { ...tiny, [name]: value };
      expect(other, name).not.toEqual(tiny);
      expect(isSameNetwork(tiny, other), name).toBe(true);
      expect(shapes(other), name).toEqual(shapes(tiny));
    }
  });
});

describe("settings with the network of others", () => {
  it("have each of its settings", () => {
    const other = Object.fromEntries(NETWORK_SETTINGS.map((name) => [name, `another ${name}`]));
    const mixed = withNetwork(tiny, other as unknown as RunConfig);
    expect(mixed).toEqual({ ...tiny, ...other });
  });

  it("have nothing else of them", () => {
    const quick = presetConfig("quick");
    const mixed = withNetwork(defaultConfig(), quick);
    expect(isSameNetwork(mixed, quick)).toBe(true);
    expect(totalElements(createUnet(mixed).parameters)).toBe(
      totalElements(createUnet(quick).parameters),
    );
    expect(withNetwork(mixed, defaultConfig())).toEqual(defaultConfig());
  });
});

it("a network is sampled with the page's eta and noise, and with all else as it was trained", () => {
  const page = { ...presetConfig("quick"), ddimEta: 0.7, interpolationNoise: 0.3 };
  expect(withSampling(tiny, page)).toEqual({ ...tiny, ddimEta: 0.7, interpolationNoise: 0.3 });
});
