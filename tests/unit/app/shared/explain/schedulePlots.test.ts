import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  curvePath,
  logSnr,
  scheduleCsv,
  scheduleCurves,
  scheduleJson,
  snr,
} from "../../../../../src/app/shared/explain/SchedulePlots.tsx";
import { defaultConfig } from "../../../../../src/engine/config/hyperparameters.ts";
import { SCHEDULES, type ScheduleId } from "../../../../../src/engine/diffusion/noiseSchedules.ts";
import { decodeSafetensors } from "../../../../../src/engine/formats/safetensors/safetensors.ts";
import { relativeError } from "../../../../relativeError.ts";

const CASES = (["sigmoid", "cosine", "linear"] as const).flatMap((name) =>
  [50, 1000].map((timesteps): [ScheduleId, number] => [name, timesteps]),
);

function referenceAlphaBars(name: ScheduleId, timesteps: number) {
  const url = new URL(
    `../../../../fixtures/reference/schedule-${name}-${timesteps}.safetensors`,
    import.meta.url,
  );
  const tensor = decodeSafetensors(readFileSync(url)).tensors.get("alphas_cumprod");
  if (!tensor) throw new Error("The reference has no alphas_cumprod.");
  return tensor.values as Float32Array;
}

describe("the drawn curves", () => {
  it.each(CASES)("of %s with T = %i are PyTorch's alphas_cumprod", (name, timesteps) => {
    const drawn = scheduleCurves({ ...defaultConfig(), timesteps, betaSchedule: name }).at(-1);
    const alphaBars = Float32Array.from(drawn?.alphaBars ?? []);
    expect(relativeError(alphaBars, referenceAlphaBars(name, timesteps))).toBeLessThan(1e-5);
  });

  it("are those of all schedules, the chosen one last", () => {
    const curves = scheduleCurves({ ...defaultConfig(), betaSchedule: "cosine" });
    expect(curves.map(({ name }) => name).sort()).toEqual(Object.keys(SCHEDULES).sort());
    expect(curves.filter(({ isChosen }) => isChosen)).toEqual([curves.at(-1)]);
    expect(curves.at(-1)?.name).toBe("cosine");
  });

  it("are in the files at every t", () => {
    const curve = {
      name: "linear" as const,
      alphaBars: Float64Array.from({ length: 21 }, (_, t) => 1 - (t + 1) / 22),
    };
    const lines = scheduleCsv(curve).trim().split("\r\n");
    expect(lines).toHaveLength(22);
    expect([lines[0], lines[11]]).toEqual(["t,alphaBar,snr", "10,0.5,1"]);
    const json = JSON.parse(scheduleJson(curve));
    expect(json.schedule).toBe("linear");
    expect([json.t[10], json.alphaBar[10], json.snr[10], json.t.length]).toEqual([10, 0.5, 1, 21]);
  });

  it("are none where T is wrong", () => {
    expect(scheduleCurves({ ...defaultConfig(), timesteps: Number.NaN })).toEqual([]);
  });

  it("have a signal-to-noise ratio of 1 where half of the variance is noise", () => {
    expect(snr(0.5)).toBe(1);
    expect(logSnr(0.5)).toBe(0);
    expect(logSnr(0.99)).toBeCloseTo(2, 2);
  });
});

describe("the path of a curve", () => {
  const frame = { width: 100, height: 50, min: 0, max: 1 };

  it("has both ends and what lies outside on the edge", () => {
    expect(curvePath(Float64Array.of(1, 0.5, -3), frame)).toBe("M0.0 0.0L50.0 25.0L100.0 50.0");
  });

  it("has at most 100 points", () => {
    const path = curvePath(new Float64Array(4000), frame);
    expect(path.split("L")).toHaveLength(100);
    expect(path).toMatch(/^M0\.0 50\.0.*L100\.0 50\.0$/);
  });
});
