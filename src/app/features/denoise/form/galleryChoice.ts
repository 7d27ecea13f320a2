/** Which images are to choose from, and what a click on one chooses. Pure. */

const PER_PAGE = 24;

/** Those that are chosen first, then the page's, all different; after the last page the first. */
export function galleryPlaces({
  page,
  numImages,
  chosen,
}: {
  page: number;
  numImages: number;
  chosen: readonly number[];
}): number[] {
  const numPages = Math.max(1, Math.ceil(numImages / PER_PAGE));
  const first = (page % numPages) * PER_PAGE;
  const places = Array.from({ length: PER_PAGE }, (_, i) => first + i);
  const missing = [...new Set(chosen)].filter((place) => !places.includes(place));
  return [...missing, ...places].filter((place) => place < numImages).slice(0, PER_PAGE);
}

/** The pair with one more image: it takes the place of the first, and the second moves up. */
export function withPicked(
  pair: readonly [number, number] | null,
  place: number,
): [number, number] {
  return [pair?.[1] ?? place, place];
}
