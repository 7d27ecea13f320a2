/** One more entry in a table is all that one more of its kind takes. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { MantineProvider } from "@mantine/core";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newRun } from "../../src/commands/runStart.ts";
import {
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "../../src/config/hyperparameters.ts";
import { configFromQuery, configToQuery } from "../../src/config/url.ts";
import { validateConfig } from "../../src/config/validate.ts";
import { OBJECTIVE_FORMULAS } from "../../src/diffusion/objectiveFormulas.ts";
import { OBJECTIVES } from "../../src/diffusion/objectives.ts";
import { SCHEDULES } from "../../src/diffusion/schedule.ts";
import { denoiserOf, imageLosses, scheduleOf } from "../../src/train/gradient.ts";
import { DigitSampler } from "../../src/train/sampling.ts";
import { bucketWords } from "../../src/ui/bucketRows.ts";
import { scheduleCurves } from "../../src/ui/explain/scheduleCurves.ts";
import { SettingField } from "../../src/ui/SettingField.tsx";
import { smallConfig, smallDataset } from "./train/smallRun.ts";

/** Adds an entry to a table for the tests of a block. */
function withEntry(table: object, id: string, entry: unknown): void {
  beforeAll(() => {
    Object.assign(table, { [id]: entry });
  });
  afterAll(() => {
    Reflect.deleteProperty(table, id);
  });
}

/** That a setting knows the choice: form, help, address, command line and validation. */
function expectChoice(name: HyperparameterName, id: string, label: string, help: string): void {
  const preset = "tiny";
  const { config } = configFromQuery(new URLSearchParams({ preset, [name]: id }));
  expect(config[name]).toBe(id);
  expect(configToQuery(preset, config).get(name)).toBe(id);
  expect(validateConfig(config)).toEqual({});
  expect(validateConfig({ ...config, [name]: "none" })[name]).toContain(id);

  const dataset = { ...smallDataset(), name: "small" };
  const changes = [`${name}=${id}`];
  expect(newRun({ preset, changes, weights: null, dataset }).identity.config[name]).toBe(id);

  const field = createElement(SettingField, {
    ...{ name, value: config[name], error: undefined, disabled: false, onChange: () => {} },
  });
  const html = renderToStaticMarkup(createElement(MantineProvider, null, field));
  expect(html).toMatch(new RegExp(`<option value="${id}"[^>]*>${label}</option>`));
  expect(html).toContain(help);
  expect(HYPERPARAMETERS[name].help).toContain(help);
}

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** A digit in two steps of DDIM, `[1, 28, 28]`. */
async function digitOf(config: RunConfig): Promise<Uint8Array> {
  const denoiser = denoiserOf(config, null);
  const sampler = new DigitSampler({
    ...{ denoiser, count: 1, seed: 0, chunkSize: 1, start: { from: "noise" } },
    sampler: { kind: "ddim", timesteps: 2, eta: 0 },
  });
  let frame = await sampler.nextFrame();
  while (!sampler.isDone) frame = await sampler.nextFrame();
  sampler.dispose();
  denoiser.values.dispose();
  return frame.pixels;
}

describe("one more schedule", () => {
  const config = smallConfig({ betaSchedule: "even" as never, timesteps: 10 });
  withEntry(SCHEDULES, "even", {
    ...{ label: "Even steps", help: "The same beta everywhere (Nobody 2026)." },
    betas: (numTimesteps: number) => new Float64Array(numTimesteps).fill(0.5),
  });

  it("is a choice of the settings", () => {
    expectChoice("betaSchedule", "even", "Even steps", "The same beta everywhere (Nobody 2026).");
  });

  it("noises images as it says", () => {
    expect(scheduleOf(config).alphaBars).toEqual(
      Float64Array.from({ length: 10 }, (_, t) => 0.5 ** (t + 1)),
    );
  });

  it("is drawn beside the others", () => {
    const curves = scheduleCurves(config);
    expect(curves.map(({ name }) => name)).toContain("even");
    expect(curves.at(-1)?.alphaBars[1]).toBe(0.25);
  });
});

describe("one more objective", () => {
  const config = smallConfig({ objective: "black" as never, timesteps: 10 });
  withEntry(OBJECTIVES, "black", {
    ...{ label: "Black", help: "Predicts nothing (Nobody 2026).", predicted: "nothing" },
    ...{ lossWeight: () => 0.25, weighting: "a quarter" },
  });
  withEntry(OBJECTIVE_FORMULAS, "black", {
    target: ({ x0 }) => tf.fill<tf.Rank.R4>(x0.shape, 2),
    predictStart: ({ xT }) => tf.fill<tf.Rank.R4>(xT.shape, -1),
  } satisfies (typeof OBJECTIVE_FORMULAS)["v"]);

  it("is a choice of the settings", () => {
    expectChoice("objective", "black", "Black", "Predicts nothing (Nobody 2026).");
    expect(bucketWords(config)).toContain("predicting nothing, a quarter.");
  });

  it("is what the network is trained for and sampled with", async () => {
    const denoiser = denoiserOf(config, null);
    // Of a network that predicts 0 everywhere.
    const values = tf.zerosLike(denoiser.values);
    const images = tf.zeros<tf.Rank.R4>([2, 28, 28, 1]);
    const losses = imageLosses(
      { ...denoiser, values },
      { x0: images, eps: images, timesteps: Int32Array.of(0, 9) },
    );
    expect(await losses.array()).toEqual([1, 1]);
    tf.dispose([denoiser.values, values, images, losses]);
    expect(await digitOf(config)).toEqual(new Uint8Array(784));
  });
});
