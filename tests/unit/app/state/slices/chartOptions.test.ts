import { describe, expect, it } from "vitest";
import {
  type ChartOptions,
  chartOptionsFromQuery,
  DEFAULT_CHART_OPTIONS,
  withChartOptions,
} from "../../../../../src/app/state/slices/chartOptions.ts";

const fromText = (text: string) => chartOptionsFromQuery(new URLSearchParams(text));

describe("how charts are drawn, in the address", () => {
  it("is the default where nothing is said", () => {
    expect(fromText("")).toEqual(DEFAULT_CHART_OPTIONS);
    expect(
      withChartOptions(new URLSearchParams("preset=tiny"), DEFAULT_CHART_OPTIONS).toString(),
    ).toBe("preset=tiny");
  });

  it("comes back as it was written, beside the settings", () => {
    const options: ChartOptions = {
      smoothing: 0.9,
      x: "time",
      xScale: "log",
      yScale: "linear",
      zoom: { from: 100, to: 61_234.5 },
    };
    const query = withChartOptions(new URLSearchParams("preset=tiny&zoom=1-2"), options);
    expect(query.toString()).toBe(
      "preset=tiny&zoom=100-61234.5&smoothing=0.9&x=time&xScale=log&yScale=linear",
    );
    expect(chartOptionsFromQuery(query)).toEqual(options);
  });

  it("forgets what is as by default again", () => {
    const query = withChartOptions(
      new URLSearchParams("smoothing=0.9&x=time&zoom=1-2&view=charts"),
      DEFAULT_CHART_OPTIONS,
    );
    expect(query.toString()).toBe("view=charts");
  });

  it.each([
    "smoothing=1",
    "smoothing=-1",
    "smoothing=a",
    "x=toString",
    "zoom=5-5",
    "zoom=9-3",
    "zoom=a",
  ])("passes over %s", (text) => {
    expect(fromText(text)).toEqual(DEFAULT_CHART_OPTIONS);
  });

  it("takes no smoothing at all as a choice", () => {
    expect(fromText("smoothing=0").smoothing).toBe(0);
  });
});
