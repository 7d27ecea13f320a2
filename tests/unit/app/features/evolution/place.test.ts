import { describe, expect, it } from "vitest";
import {
  evolutionFromQuery,
  FIRST_PLACE,
  withEvolution,
} from "../../../../../src/app/features/evolution/place.ts";

const place = (query: string) => evolutionFromQuery(new URLSearchParams(query));

describe("the place in the evolution, in the address", () => {
  it("comes back from it", () => {
    const there = { frame: 3, digit: 6, film: "both" } as const;
    const query = withEvolution(new URLSearchParams("view=evolution"), there);
    expect(query.toString()).toBe("view=evolution&denoising=3&sample=7&film=both");
    expect(evolutionFromQuery(query)).toEqual(there);
  });

  it("is not named where one begins", () => {
    const before = new URLSearchParams("view=evolution&denoising=3&sample=7&film=both");
    expect(withEvolution(before, FIRST_PLACE).toString()).toBe("view=evolution");
    expect(place("")).toEqual(FIRST_PLACE);
  });

  it("passes over what makes no sense", () => {
    expect(place("denoising=-1&sample=0&film=sideways")).toEqual(FIRST_PLACE);
    expect(place("denoising=1.5&sample=x")).toEqual(FIRST_PLACE);
    expect(place("denoising=0")).toEqual({ ...FIRST_PLACE, frame: 0 });
  });
});
