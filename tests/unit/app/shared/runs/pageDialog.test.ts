import { createElement } from "react";
import { describe, expect, it } from "vitest";
import PageDialog from "../../../../../src/app/shared/runs/PageDialog.tsx";
import { type Evaluation, NO_EVALUATION } from "../../../../../src/app/state/slices/evaluation.ts";
import { NO_STORED_RUNS } from "../../../../../src/app/state/slices/storedRuns.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { madeEvaluation } from "../../features/results/quality/madeEvaluation.ts";
import { htmlOf } from "../../htmlOf.ts";
import { recordAt } from "../storedRecord.ts";

/** The form for a stored run. */
function formOf(changes: Parameters<typeof recordAt>[1], done: Evaluation[] = []) {
  const runId = "run-1";
  const stored = { ...NO_STORED_RUNS, runs: [recordAt(10, { runId, ...changes })] };
  const evaluation = { ...NO_EVALUATION, done };
  return htmlOf(createElement(PageDialog, { runId, onClose: () => {} }), { stored, evaluation });
}

describe("the form of a run's web page", () => {
  it("has the run's name as title, and the size of its network", () => {
    const html = formOf({ name: "My “run”", numParameters: 157_937 });
    expect(html).toContain('value="My “run”"');
    expect(html).toMatch(/Include the network, 421 kB/);
    expect(html).toMatch(/<input[^>]*checked=""[^>]*role="switch"|role="switch"[^>]*checked=""/);
  });

  it("says which measurement the page will show, or how to have one", () => {
    const made = madeEvaluation();
    const other = { ...made, result: { ...made.result, source: { kind: "untrained" } as const } };
    const words = "4 samples in 5 steps of DDIM after 1,200 training steps";
    expect(formOf({}, [made, other])).toContain(`The page shows what Quality measured: ${words}.`);
    const request = { ...made.request, weights: "raw", guidance: 2 } as const;
    expect(formOf({}, [{ ...made, request }])).toContain(
      "DDIM with guidance 2 after 1,200 training steps, latest weights.",
    );
    expect(formOf({}, [other])).toContain("Measure its samples in Quality first");
  });

  it("leaves a network out that cannot draw on pages, and says why", () => {
    const html = formOf({ config: { ...presetConfig("tiny"), attnDimHead: 6 } });
    expect(html).toMatch(/attention heads of a multiple of 4 channels, got 6/);
    expect(html).toMatch(/<input[^>]*role="switch"[^>]*disabled=""|disabled=""[^>]*role="switch"/);
    expect(html).not.toMatch(/role="switch"[^>]*checked=""/);
  });
});
