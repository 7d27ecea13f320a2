import { describe, expect, it } from "vitest";
import { readSweep, SWEEP_FORMAT } from "../../../../src/runtime/run/readSweep.ts";
import { newSweep, withResult } from "../../../../src/runtime/run/sweep.ts";
import { IMAGES, seeds } from "../../engine/config/sweeps.ts";

const sweep = withResult(newSweep(seeds(2), IMAGES), 0, {
  end: "stopped",
  step: 100,
  trainedMs: 1000,
  figures: { loss: 0.5 },
});

const read = (stored: unknown, format = SWEEP_FORMAT) =>
  readSweep(JSON.stringify({ format, sweep: stored }));

describe("a sweep that was stored", () => {
  it("is read as it was", () => {
    expect(read(sweep)).toEqual(sweep);
  });

  it("has the defaults of settings that came later", () => {
    const { seed: _, ...base } = sweep.plan.base;
    expect(read({ ...sweep, plan: { ...sweep.plan, base } })).toEqual(sweep);
  });

  const plan = (changes: object) => ({ ...sweep, plan: { ...sweep.plan, ...changes } });
  const firstRun = (changes: object) => ({
    ...sweep,
    runs: [{ ...sweep.runs[0], ...changes }, sweep.runs[1]],
  });
  const result = (changes: object) =>
    firstRun({ results: [{ ...sweep.runs[0]?.results[0], ...changes }] });
  const damaged: Record<string, object | null> = {
    "no sweep": null,
    "no plan": { ...sweep, plan: undefined },
    "no budget": plan({ budget: undefined }),
    "another budget": plan({ budget: { epochs: 1 } }),
    "no steps": plan({ budget: { steps: null } }),
    "another preset": plan({ preset: "enormous" }),
    "no settings": plan({ base: { dim: "x" } }),
    "an unknown setting": plan({ runs: [{ seed: 0 }, { color: "red", seed: 1 }] }),
    "a wrong value": plan({ runs: [{ seed: 0 }, { seed: "x" }] }),
    "equal runs": plan({ runs: [{ seed: 0 }, { seed: 0 }] }),
    "a halving of nothing": plan({ halving: 0 }),
    "too few runs": { ...sweep, runs: [sweep.runs[0]] },
    "no images": { ...sweep, dataset: undefined },
    "images without a checksum": { ...sweep, dataset: { ...IMAGES, checksum: null } },
    "a run that is none": { ...sweep, runs: [null, null] },
    "a run without results": firstRun({ results: undefined }),
    "a failure that is no text": firstRun({ failure: {} }),
    "an unknown end": result({ end: "exploded" }),
    "no time": result({ trainedMs: null }),
    "a figure that is no number": result({ figures: { loss: null } }),
  };
  it.each(Object.entries(damaged))("with %s is not read", (_, stored) => {
    expect(read(stored)).toBeNull();
  });

  it("of another version, or that is no JSON, is not read", () => {
    expect(read(sweep, SWEEP_FORMAT + 1)).toBeNull();
    for (const text of ["", "{", "null", "[]"]) expect(readSweep(text)).toBeNull();
  });
});
