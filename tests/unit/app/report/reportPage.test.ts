import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ReportPage } from "../../../../src/app/report/ReportPage.tsx";
import { applyEvent } from "../../../../src/app/state/applyEvent.ts";
import { createAppStore } from "../../../../src/app/state/store.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { Report } from "../../../../src/runtime/files/readReport.ts";
import type { OpenedRun } from "../../../../src/runtime/run/events.ts";
import { madeEvolution } from "../../../madeEvolution.ts";
import { madeEvaluation } from "../features/results/quality/madeEvaluation.ts";

const { snapshots, steps, epochs } = madeEvolution({
  numSnapshots: 4,
  count: 16,
  numFrames: 6,
  stepsPerEpoch: 5,
});
const RUN: OpenedRun = {
  runId: "a",
  name: "Run 1",
  config: presetConfig("tiny"),
  status: "finished",
  warning: null,
  stepsPerEpoch: 5,
  numParameters: 1234,
  dataset: { id: "mnist", name: "MNIST" },
  startedFrom: null,
  step: steps.length,
  steps,
  epochs,
};

// How large digits are drawn depends on the screen.
beforeAll(() => vi.stubGlobal("window", { devicePixelRatio: 1 }));
afterAll(() => vi.unstubAllGlobals());

/** The words of a run's page, by its parts. */
function words(changes: Partial<Report> = {}) {
  const report: Report = {
    title: "A title",
    text: "",
    savedMs: 1e12,
    preset: "tiny",
    run: RUN,
    snapshots,
    dataset: { id: "mnist", name: "MNIST", numTrain: 60_000, numValidation: 10_000, checksum: 0 },
    numPreviews: snapshots.length,
    weights: null,
    weightsProblem: null,
    measured: null,
    ...changes,
  };
  const { run } = report;
  const store = createAppStore(new URLSearchParams());
  store.setState((state) => applyEvent(state, { type: "runOpened", run }));
  const of = { runId: run.runId, snapshots: report.snapshots };
  store.setState((state) => applyEvent(state, { type: "snapshots", ...of }));
  // That of the server's page.
  store.getInitialState = store.getState;
  const html = renderToStaticMarkup(createElement(ReportPage, { store, report }));
  const plain = (text: string) => text.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
  const part = (label: string) =>
    plain(new RegExp(`<section[^>]*aria-label="${label}".*?</section>`, "s").exec(html)?.[0] ?? "");
  return { html, all: plain(html), part };
}

describe("the page of a run", () => {
  it("has title, paragraphs, and what it took and reached, quality of samples as well", () => {
    const { figures: quality } = madeEvaluation().result;
    const measured = { ...RUN, epochs: epochs.map((epoch) => ({ ...epoch, quality })) };
    const { html, all } = words({ text: "One <i>x\n\n\nTwo", run: measured });
    expect(html).toMatch(/<h1>A title<\/h1>/);
    expect(html).toMatch(/<p[^>]*>One &lt;i&gt;x<\/p><p[^>]*>Two<\/p>/);
    expect(all).toMatch(
      /“Run 1”, preset Tiny, trained until .* Parameters 1,234 .*Fréchet distance/,
    );
    expect(words().all).not.toContain("Fréchet");
  });

  it("shows what was measured of its samples as Quality does, without having measured after epochs", () => {
    const { figures, real, frechetFloor, dataset } = madeEvaluation("made", [3, 1, 4, 1]).result;
    const of = { words: "4 samples in 5 steps of DDIM", figures, real, frechetFloor, dataset };
    const { all } = words({ measured: of });
    expect(all).toContain("Quality of its samples 4 samples in 5 steps of DDIM");
    expect(all).toMatch(/Mean confidence 0.828 0.828 0.97 .*Read as asked .*100.0 %/);
    expect(all).toMatch(/Fréchet distance on classifier features .*12.5 1.50 4 training images/);
    expect(all).toContain("Samples of each digit");
    expect(words().all).not.toContain("Quality of its samples");
  });

  it("has the settings that are not the preset's first, each beside the preset's", () => {
    const config = { ...RUN.config, epochs: 7, learningRate: 0.5 };
    const settings = words({ run: { ...RUN, config } }).part("Settings");
    expect(settings).toContain("This run Tiny Epochs 7 1 ");
    expect(settings).toContain("Learning rate 0.5 0.001 ");
    expect(settings.indexOf("Learning rate 0.5")).toBeLessThan(settings.indexOf("All settings"));
    expect(words().part("Settings")).toContain("All are those of the preset Tiny.");
  });

  it("takes the preset that is nearest where it has no such one", () => {
    expect(words({ preset: "older" }).part("Settings")).toContain("of the preset Tiny");
  });

  it("says how many previews it has where these are not all", () => {
    expect(words({ numPreviews: 22 }).all).toContain("4 of 22 previews, to keep this page small");
    expect(words().all).not.toContain("previews, to keep");
  });

  it("of a run without previews says so, and has all else", () => {
    const { all, part } = words({ snapshots: [], numPreviews: 0 });
    expect(part("Evolution")).toContain("trained without previews");
    expect(part("Digits")).toBe("");
    expect(all).toContain("Gradient norm");
  });

  it("offers to draw where the network is there, and says why it cannot where one was wanted", () => {
    expect(words({ weights: new Uint8Array(1) }).all).toContain("draws new digits in your browser");
    const without = words({ weightsProblem: "expected attention heads." });
    expect(without.all).toContain("cannot run in a web page: expected attention heads.");
    expect(words().all).not.toContain("Generate");
  });

  it("of a run of points has the plane and a picture of each snapshot, and nothing to do with digits", () => {
    const run = { ...RUN, config: presetConfig("points") };
    const { html, all, part } = words({ run, weights: new Uint8Array(1) });
    expect(part("Points")).not.toBe("");
    const [pictures = ""] = /<section[^>]*aria-label="Evolution".*?<\/section>/s.exec(html) ?? [];
    expect(pictures.match(/<canvas/g)).toHaveLength(snapshots.length);
    expect(part("Digits")).toBe("");
    expect(all).not.toMatch(/Generate|draws new digits/);
    expect(words({ run }).part("Points")).toContain("not in this page");
  });
});
