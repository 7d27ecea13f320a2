import { describe, expect, it } from "vitest";
import {
  COURSES,
  LESSONS,
  PLANE_LESSONS,
} from "../../../../../src/app/features/lessons/lessons.ts";
import { readParams, withParams } from "../../../../../src/app/state/address.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { configFromQuery, configToQuery } from "../../../../../src/engine/config/url.ts";
import { validateNewRun } from "../../../../../src/engine/config/validate.ts";

const entries = [...LESSONS, ...PLANE_LESSONS, ...COURSES];
const queries = entries.flatMap(({ title, setups }) =>
  setups.flatMap((setup) =>
    "query" in setup ? [[`${title}: ${setup.label}`, setup.query] as const] : [],
  ),
);

describe("the experiments and courses", () => {
  it.each(queries)("%s is a link as Share makes it, of settings that can run", (_, query) => {
    const { preset, config } = configFromQuery(new URLSearchParams(query));
    expect(configToQuery(preset, config).toString()).toBe(query);
    expect(validateNewRun(config, { numClasses: 10 })).toEqual({});
  });

  it("show points as a link of 2D would", () => {
    const shown = entries.flatMap(({ setups }) =>
      setups.flatMap((setup) => ("query" in setup && setup.plane ? [setup.plane] : [])),
    );
    expect(shown.length).toBeGreaterThan(10);
    for (const plane of shown) {
      const wanted = new URLSearchParams(plane);
      const written = withParams(new URLSearchParams(), "plane", readParams("plane", wanted));
      expect(Object.fromEntries(written)).toEqual(Object.fromEntries(wanted));
    }
  });

  it("have titles of their own, and in each names of their own", () => {
    const titles = entries.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const { setups } of entries) {
      expect(new Set(setups.map(({ label }) => label)).size).toBe(setups.length);
    }
  });

  it("begin with the assignment as it was", () => {
    expect(COURSES[0]?.setups).toEqual([{ label: "Assignment", query: "preset=assignment" }]);
    expect(presetConfig("assignment")).toMatchObject({ epochs: 100, objective: "v", dim: 32 });
  });

  it("say in every answer what was measured, with numbers", () => {
    for (const { answer, measured, look } of [...LESSONS, ...PLANE_LESSONS]) {
      expect(answer).toMatch(/\d/);
      expect(measured).toMatch(/\d/);
      expect(look.length).toBeGreaterThan(0);
    }
  });
});
