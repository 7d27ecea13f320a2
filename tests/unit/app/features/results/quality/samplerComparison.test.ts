import { describe, expect, it } from "vitest";
import {
  COMPARED_FIGURES,
  type ComparedFigure,
  comparisonNumbers,
} from "../../../../../../src/app/features/results/quality/SamplerComparison.tsx";
import {
  comparisonCsv,
  comparisonPlot,
  samplerSeries,
} from "../../../../../../src/app/shared/charts/samplerCurves.ts";
import type { SamplerPoint } from "../../../../../../src/engine/quality/samplerComparison.ts";

function point(
  kind: "ddim" | "heun",
  numPasses: number,
  frechetDistance: number,
  spacing: "even" | "logSnr" = "even",
): SamplerPoint {
  const figures = { frechetDistance, meanConfidence: 0.9, shareConfident: 0.8 };
  return { sampler: { kind, spacing, timesteps: 3, eta: 0 }, numPasses, figures };
}

const points = [
  ...[point("ddim", 5, 32), point("ddim", 5, 30, "logSnr"), point("heun", 5, 80)],
  ...[point("ddim", 10, 16), point("heun", 9, 40)],
];

const [frechet] = COMPARED_FIGURES as [ComparedFigure];
const compared = { points, objective: "noise" as const };
const frechetOf = ({ figures }: SamplerPoint) => figures[frechet.id];
const series = samplerSeries(compared, frechetOf);

describe("the comparison of samplers", () => {
  it("is a curve for each sampler and spacing, colored by sampler", () => {
    expect(series.map(({ key, xs, values }) => [key, xs, values])).toEqual([
      ["ddim even", [5, 10], [32, 16]],
      ["ddim logSnr", [5], [30]],
      ["heun even", [5, 9], [80, 40]],
    ]);
    const [even, spaced, heun] = series.map(({ color, style }) => ({ color, style }));
    expect(spaced?.color).toBe(even?.color);
    expect(spaced?.style).not.toBe(even?.style);
    expect(heun?.color).not.toBe(even?.color);
  });

  it("names the samplers as they are with the network's objective", () => {
    const ofFlow = { points, objective: "flow" as const };
    expect(samplerSeries(ofFlow, frechetOf)[0]?.name).toMatch(/^Euler \(DDIM\), /);
    expect(comparisonNumbers(ofFlow).rows[0]).toContain("Euler (DDIM)");
  });

  it("is drawn from the fewest predictions to the most, from the first point on", () => {
    expect(comparisonPlot(series, frechet).window).toEqual({ from: 5, to: 10 });
    const first = comparisonPlot(
      samplerSeries({ ...compared, points: points.slice(0, 1) }, frechetOf),
      frechet,
    );
    expect(first.curves[0]?.points).toMatchObject([{ x: 5, y: 32 }]);
  });

  it("is a table of the predictions, empty where a sampler takes others", () => {
    expect(comparisonCsv(series).trim().split("\r\n")).toEqual([
      "predictions,ddim_even,ddim_logSnr,heun_even",
      ...["5,32,30,80", "9,,,40", "10,16,,"],
    ]);
    expect(comparisonNumbers(compared).rows).toHaveLength(5);
  });
});
