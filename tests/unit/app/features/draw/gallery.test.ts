import { describe, expect, it } from "vitest";
import { galleryPlaces, withPicked } from "../../../../../src/app/features/draw/Beginning.tsx";

describe("the gallery", () => {
  it("has the images of a page, and begins again after the last", () => {
    const places = (page: number) => galleryPlaces({ page, numImages: 30, chosen: [] });
    expect(places(0)).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect(places(1)).toEqual([24, 25, 26, 27, 28, 29]);
    expect(places(2)).toEqual(places(0));
  });

  it("has what is chosen on every page", () => {
    const places = galleryPlaces({ page: 1, numImages: 1000, chosen: [3, 30, 3] });
    expect(places.slice(0, 3)).toEqual([3, 24, 25]);
    expect(places).toHaveLength(24);
    expect(new Set(places).size).toBe(24);
  });
});

describe("a pair", () => {
  it("is of the last two that were picked", () => {
    const first = withPicked(null, 4);
    expect(first).toEqual([4, 4]);
    expect(withPicked(first, 7)).toEqual([4, 7]);
    expect(withPicked([4, 7], 9)).toEqual([7, 9]);
  });
});
