/** One more entry in a table is all that one more of its kind takes. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { MantineProvider } from "@mantine/core";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { SideFields } from "../../src/app/features/denoise/form/SideFields.tsx";
import {
  denoiseFromQuery,
  withDenoise,
} from "../../src/app/features/denoise/state/denoiseAddress.ts";
import {
  type Asked,
  DENOISE_DEFAULTS,
  type DenoiseSettings,
  denoiseRequests,
  type SideSettings,
} from "../../src/app/features/denoise/state/denoiseSettings.ts";
import { generationWords, settingsWords } from "../../src/app/features/denoise/text.ts";
import { spacingStyle } from "../../src/app/features/quality/samplerSeries.ts";
import { spacingWords } from "../../src/app/features/quality/text.ts";
import { AppContext } from "../../src/app/shared/AppContext.ts";
import { bucketWords } from "../../src/app/shared/charts/series/bucketRows.ts";
import { scheduleCurves } from "../../src/app/shared/explain/scheduleCurves.ts";
import type { Client } from "../../src/app/state/client/client.ts";
import { createAppStore } from "../../src/app/state/store.ts";
import type { SamplerStep, StepOptions } from "../../src/engine/diffusion/model.ts";
import { SCHEDULES } from "../../src/engine/diffusion/noiseSchedules.ts";
import { OBJECTIVE_FORMULAS } from "../../src/engine/diffusion/objectiveFormulas.ts";
import { OBJECTIVES } from "../../src/engine/diffusion/objectives.ts";
import {
  SAMPLERS,
  type SamplerEntry,
  type SamplerId,
} from "../../src/engine/diffusion/samplers.ts";
import { createSchedule } from "../../src/engine/diffusion/schedule.ts";
import { SPACINGS, type SpacingId } from "../../src/engine/diffusion/spacings.ts";
import { SAMPLER_STEPS } from "../../src/engine/train/digitSampler.ts";
import { denoiserOf, imageLosses } from "../../src/engine/train/gradient.ts";
import { type SampleStart, timestepsFrom } from "../../src/engine/train/sampleStart.ts";
import { helpOf, SAMPLING_OPTIONS, samplerOption } from "../../src/hosts/cli/options.ts";
import { smallConfig } from "./engine/train/smallRun.ts";
import { digitOf, expectChoice, withEntry } from "./madeEntry.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("one more schedule", () => {
  const config = smallConfig({ betaSchedule: "even" as never, timesteps: 10 });
  withEntry(SCHEDULES, "even", {
    label: "Even steps",
    help: "The same beta everywhere (Nobody 2026).",
    betas: (numTimesteps: number) => new Float64Array(numTimesteps).fill(0.5),
  });

  it("is a choice of the settings", () => {
    expectChoice("betaSchedule", "even", "Even steps", "The same beta everywhere (Nobody 2026).");
  });

  it("noises images as it says", () => {
    expect(createSchedule(config).noiseSchedule?.alphaBars).toEqual(
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
    label: "Black",
    help: "Predicts nothing (Nobody 2026).",
    predicted: "nothing",
    lossWeight: () => 0.25,
    weighting: "a quarter",
    path: "schedule",
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

describe("one more sampler", () => {
  const config = smallConfig({ timesteps: 10 });
  const kind = "halves" as SamplerId;
  /** What its steps were given. */
  const given: StepOptions[] = [];
  withEntry(SAMPLERS, kind, {
    label: "halving",
    help: "Goes half of the way each time (Nobody 2026).",
    settings: ["timesteps"],
    numPasses: (numSteps) => 3 * numSteps,
    isNoisy: () => true,
  } satisfies SamplerEntry);
  withEntry(SAMPLER_STEPS, kind, (options: StepOptions): SamplerStep => {
    given.push(options);
    return { x: tf.fill(options.x.shape, 1), x0: tf.fill(options.x.shape, 0.5) };
  });

  const settings = (changes: Partial<SideSettings> = {}): DenoiseSettings => ({
    ...DENOISE_DEFAULTS,
    a: { ...DENOISE_DEFAULTS.a, sampler: kind, steps: "3", eta: "no number", ...changes },
  });
  const requestOf = (of: DenoiseSettings) =>
    denoiseRequests(of, {
      configs: { a: config, b: null },
      images: new Map(),
      drawing: null,
      areDigits: true,
    });

  it("draws by its own steps with noise in all but the last", async () => {
    expect(await digitOf(config, { kind, timesteps: 3 })).toEqual(new Uint8Array(784).fill(255));
    expect(given.map(({ t, tNext }) => [t, tNext])).toEqual([
      [9, 5],
      [5, 2],
      [2, -1],
    ]);
    expect(given.map(({ noise }) => noise !== null)).toEqual([true, true, false]);
    expect(given.map(({ before }) => before?.t)).toEqual([undefined, 9, 5]);
    const start: SampleStart = { from: "image", image: new Float32Array(784), t: 3 };
    expect(timestepsFrom(start, { kind, timesteps: 5 }, createSchedule(config))).toEqual([
      3, 1, -1,
    ]);
  });

  it("is a choice of the denoising view, with the settings that it has", () => {
    const app = createAppStore(new URLSearchParams());
    vi.stubGlobal("location", { search: String(withDenoise(new URLSearchParams(), settings())) });
    const client = { listen: () => () => {} } as unknown as Client;
    const fields = createElement(SideFields, { side: "a", errors: {} });
    const page = createElement(AppContext, { value: { store: app, client } }, fields);
    const html = renderToStaticMarkup(createElement(MantineProvider, null, page));
    vi.unstubAllGlobals();
    expect(html).toMatch(/<option value="halves" selected="">Halving<\/option>/);
    expect(html).toContain("Goes half of the way each time (Nobody 2026).");
    expect(html).toContain("Steps</label>");
    expect(html).not.toContain("Eta");
  });

  it("is asked for with its own settings alone, and these are checked", () => {
    expect(requestOf(settings()).asked.a?.request.sampler).toEqual({ kind, timesteps: 3 });
    expect(Object.keys(requestOf(settings({ steps: "11" })).errors)).toEqual(["a.steps"]);
  });

  it("is kept in the address", () => {
    const query = withDenoise(new URLSearchParams(), settings());
    expect(query.get("sampler")).toBe(kind);
    expect(denoiseFromQuery(query)).toEqual(settings());
  });

  it("is named where its settings and its digits are", () => {
    expect(settingsWords(settings(), { a: config, b: null }, true)).toContain("halving in 3");
    const { request } = requestOf(settings()).asked.a as Asked;
    const words = generationWords(
      {
        request,
        askedFor: null,
        trainedSteps: 5,
        numTimesteps: 10,
        status: "done",
        times: [9, 4, 2, -1],
        noising: { objective: "noise" },
      },
      "a",
      { name: null },
    );
    expect(words).toMatch(/: halving, 3 steps, 9 predictions$/);
  });

  it("is an option of the commands", () => {
    const option = { sampler: kind, steps: "4" };
    expect(samplerOption(option, config)).toEqual({ kind, timesteps: 4 });
    expect(() => samplerOption({ ...option, sampler: "none" }, config)).toThrow(kind);
    expect(helpOf(SAMPLING_OPTIONS)).toContain(kind);
  });
});

describe("one more spacing of steps", () => {
  const config = smallConfig({ timesteps: 10 });
  const spacing = "halves" as SpacingId;
  withEntry(SPACINGS, spacing, {
    label: "halving",
    help: "Goes half of the way each time (Nobody 2026).",
    timesteps: ({ numTimesteps }, numSteps, from) => [
      ...Array.from({ length: numSteps }, (_, i) =>
        Math.floor((from ?? numTimesteps - 1) / 2 ** i),
      ),
      -1,
    ],
  } satisfies { timesteps: (typeof SPACINGS)["even"]["timesteps"] } & Record<
    "label" | "help",
    string
  >);

  it("is a choice of the settings and of the commands", () => {
    expectChoice("stepSpacing", spacing, "halving", "Goes half of the way each time");
    expect(samplerOption({ sampler: "heun", spacing, steps: "4" }, config)).toEqual({
      kind: "heun",
      timesteps: 4,
      spacing,
    });
    expect(() => samplerOption({ spacing: "none", steps: "4" }, config)).toThrow(spacing);
  });

  it("is named below the comparison of samplers, with its line", () => {
    expect(spacingWords(spacingStyle)).toMatch(
      /^Dots: steps even in t\. Dashed: .*\. Line: steps halving\.$/,
    );
  });

  it("is what samplers step over", () => {
    const sampler = { kind: "ddim", timesteps: 3, spacing } as const;
    expect(timestepsFrom({ from: "noise" }, sampler, createSchedule(config))).toEqual([
      9, 4, 2, -1,
    ]);
  });
});
