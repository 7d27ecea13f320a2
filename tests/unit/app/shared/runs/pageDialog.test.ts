import { createElement } from "react";
import { describe, expect, it } from "vitest";
import PageDialog from "../../../../../src/app/shared/runs/PageDialog.tsx";
import { NO_STORED_RUNS } from "../../../../../src/app/state/slices/storedRuns.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { htmlOf } from "../../../madeEntry.ts";
import { recordAt } from "../storedRecord.ts";

/** The form for a stored run. */
function formOf(changes: Parameters<typeof recordAt>[1]) {
  const stored = { ...NO_STORED_RUNS, runs: [recordAt(10, { runId: "a", ...changes })] };
  return htmlOf(createElement(PageDialog, { runId: "a", onClose: () => {} }), { stored });
}

describe("the form of a run's web page", () => {
  it("has the run's name as title, and the size of its network", () => {
    const html = formOf({ name: "My “run”", numParameters: 157_937 });
    expect(html).toContain('value="My “run”"');
    expect(html).toMatch(/Include the network, 421 kB/);
    expect(html).toMatch(/<input[^>]*checked=""[^>]*role="switch"|role="switch"[^>]*checked=""/);
  });

  it("leaves a network out that cannot draw on pages, and says why", () => {
    const html = formOf({ config: { ...presetConfig("tiny"), attnDimHead: 6 } });
    expect(html).toMatch(/attention heads of a multiple of 4 channels, got 6/);
    expect(html).toMatch(/<input[^>]*role="switch"[^>]*disabled=""|disabled=""[^>]*role="switch"/);
    expect(html).not.toMatch(/role="switch"[^>]*checked=""/);
  });
});
