import { describe, expect, it } from "vitest";
import { formatSummaryCard, summaryCard } from "../../../../../src/app/shared/runs/summaryCard.ts";
import type { Evaluation } from "../../../../../src/app/state/slices/evaluation.ts";
import type { ReadableRun } from "../../../../../src/app/state/slices/storedRuns.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { configFromQuery } from "../../../../../src/engine/config/url.ts";
import { epochReport, stepReport } from "../../../runtime/storage/storedRun.ts";
import { recordAt } from "../storedRecord.ts";

const pageUrl = "https://example.org/lab/";
const config = { ...presetConfig("tiny"), learningRate: 0.02, dimMults: [1, 2, 4] };
const steps = Array.from({ length: 25 }, (_, i) => stepReport(i + 1));
const epochs = [epochReport(1, 10, 0.25), epochReport(2, 20, 0.5)];
const snapshot = (count: number) => ({
  step: 20,
  wallTimeMs: 1e12,
  count,
  numFrames: 2,
  // The noise, then digits: each of one gray that tells its place.
  pixels: Uint8Array.from({ length: 2 * count * 784 }, (_, i) => Math.floor(i / 784)),
});

function cardOf(
  run: Partial<ReadableRun>,
  history: Partial<Parameters<typeof summaryCard>[0]["history"]> = {},
  evaluations: Evaluation[] = [],
) {
  const whole = { steps, epochs, snapshots: [snapshot(16)], ...history };
  return summaryCard({ run: recordAt(25, run), history: whole, evaluations, pageUrl });
}

describe("the summary card of a run", () => {
  it("says budget, device, what was changed, the figures reached, and how to set the page up", () => {
    const card = cardOf({ config, device: "Apple M2 (metal-3)" });
    expect(formatSummaryCard(card)).toBe(`First run

Preset: Tiny
Images: MNIST, 50 to train on
Network: 100 parameters
Steps: 25 of 10
Epoch: 1 of 1
Training time: 0.3 s
Wall time: 0.0 s, with pauses and stops
Device: Apple M2 (metal-3)
Changed: Width multipliers 1, 2, 4, Learning rate 0.02

Validation loss: 0.5000 (lowest 0.2500)

Its samples are not measured yet: open the run and press Measure in Quality.

Settings: https://example.org/lab/?preset=tiny&dimMults=1%2C2%2C4&learningRate=0.02`);
  });

  it("links to the model of the page that the run began with, such as a distillation's teacher", () => {
    const modelOf = (fileName: string) =>
      new URL(cardOf({ startedFrom: { fileName, trainedSteps: 9 } }).link).searchParams.get(
        "model",
      );
    expect(modelOf("pretrained-quick.safetensors")).toBe("pretrained-quick.safetensors");
    expect(modelOf("mine.safetensors")).toBeNull();
  });

  it("says no changed setting without an effect, and calls the epochs of a distillation phases", () => {
    const changed = (of: Partial<ReadableRun["config"]>) =>
      cardOf({ config: { ...presetConfig("tiny"), ...of } }).budget.find(
        ({ name }) => name === "Changed",
      )?.value;
    // Its sampler is not DDIM, and there are no classes.
    expect(changed({ ddimEta: 0.5, guidance: 3 })).toBeUndefined();
    expect(changed({ ddimEta: 0.5, epochs: 2 })).toBe("Epochs 2");
    expect(changed({ distilFrom: 8, epochs: 2 })).toContain("Phases 2");
  });

  it("has a link that sets up just its settings", () => {
    const { link } = cardOf({ config });
    expect(configFromQuery(new URL(link).searchParams)).toEqual({ preset: "tiny", config });
  });

  it("has a link of the nearest preset where its own is unknown", () => {
    const { link } = cardOf({ preset: "toString", config });
    expect(configFromQuery(new URL(link).searchParams)).toEqual({ preset: "tiny", config });
  });

  it("says the live validation until there is a full one", () => {
    const live = [{ ...stepReport(1), liveLoss: 0.75 }, stepReport(2)];
    const figures = (of: typeof epochs) => cardOf({}, { steps: live, epochs: of }).figures;
    expect(figures([])).toEqual([{ name: "Live validation loss", value: "0.7500" }]);
    expect(figures(epochs)).toMatchObject([{ name: "Validation loss" }]);
  });

  it("says the newest measurement of its samples, and no other run's", () => {
    const measured = (runId: string, frechetDistance: number) =>
      ({
        request: { sampler: { kind: "dpmpp2m", timesteps: 10 }, guidance: 1.5 },
        result: {
          source: { kind: "run", runId },
          trainedSteps: 25,
          objective: "v",
          frechetFloor: { distance: 0.1 },
          figures: {
            count: 256,
            frechetDistance,
            meanConfidence: 0.98765,
            shareConfident: 0.9,
            readAsAsked: 0.875,
          },
        },
      }) as unknown as Evaluation;
    const done = [measured("a", 3), measured("a", 0.21), measured("b", 7)];
    const card = cardOf({ runId: "a" }, {}, done);
    expect(card.figures.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      "Validation loss: 0.5000 (lowest 0.2500)",
      "Fréchet distance: 0.210",
      "Mean confidence: 0.988",
      "Confidence above 0.9: 90.0 %",
      "Read as asked: 87.5 %",
      "Training images: Fréchet distance 0.100",
      "Measured: 256 samples in 10 steps of DPM-Solver++(2M) with guidance 1.5 after 25 training steps",
    ]);
    expect(card.missing.join()).not.toContain("measured");
  });

  it("says what measurements after epochs have told", () => {
    const quality = {
      count: 256,
      meanConfidence: 0.9,
      shareConfident: 0.8,
      frechetDistance: 0.4321,
      classCounts: [],
      classEntropy: 3,
      readAsAsked: 0.75,
      nearest: { minDistance: 0.1, medianDistance: 0.2, numCopies: 0 },
    };
    const { figures, missing } = cardOf({}, { epochs: [{ ...epochReport(1, 10, 0.25), quality }] });
    expect(figures).toContainEqual({ name: "Read as asked", value: "0.750" });
    expect(figures.some(({ name }) => name.startsWith("Fréchet distance"))).toBe(true);
    expect(missing.join()).not.toContain("measured");
  });

  it("of a run without figures, history, device and previews says what is missing", () => {
    const history = { steps: [], epochs: [], snapshots: [] };
    const card = cardOf({ picture: null }, history);
    expect(card).toMatchObject({ figures: [], digits: null, losses: [] });
    expect(card.missing).toHaveLength(5);
    expect(formatSummaryCard(card)).toContain("No preview is drawn yet");
  });

  it("waits for no validation where there are no images to validate on", () => {
    const dataset = { ...recordAt(5).dataset, numValidation: 0 };
    expect(cardOf({ dataset }, { epochs: [] }).missing.join()).not.toContain("validation");
  });

  it("shows 16 digits, or two of each class, of the newest preview's end", () => {
    const grays = (card: ReturnType<typeof cardOf>) =>
      Array.from(card.digits?.pixels ?? []).filter((_, i) => i % 784 === 0);
    const ofAll = cardOf({}, { snapshots: [snapshot(1), snapshot(16)] });
    expect(grays(ofAll)).toEqual(Array.from({ length: 16 }, (_, i) => 16 + i));
    const classes = cardOf({ config: { ...config, classes: 10 } }, { snapshots: [snapshot(100)] });
    expect(classes.digits?.count).toBe(20);
    expect(grays(classes).slice(0, 4)).toEqual([100, 101, 110, 111]);
  });

  it("has at most 100 losses, means of as many steps, without those that are no numbers", () => {
    const many = Array.from({ length: 250 }, (_, i) => ({ ...stepReport(i + 1), loss: i }));
    const { losses } = cardOf({}, { steps: [...many, { ...stepReport(251), loss: Number.NaN }] });
    expect(losses).toHaveLength(84);
    expect([losses[0], losses.at(-1)]).toEqual([1, 249]);
  });
});
