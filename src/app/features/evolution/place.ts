/** The place of the evolution that is shown, and its name in the page's address. Pure. */
import { withParams } from "../../state/query.ts";
import { parseWholeNumber } from "../../state/wholeNumber.ts";

const FILM_KINDS = ["training", "denoising", "both"] as const;
/** What a film goes through. */
export type FilmKind = (typeof FILM_KINDS)[number];

export interface EvolutionPlace {
  /** On the denoising axis, from 0, the noise; null is its end, the digits. */
  frame: number | null;
  /** The one whose whole plane is drawn, from 0. */
  digit: number;
  film: FilmKind;
}

export const FIRST_PLACE: EvolutionPlace = { frame: null, digit: 0, film: "training" };

/** `?denoising=3&sample=7&film=both`; invalid values are ignored. */
export function evolutionFromQuery(query: URLSearchParams): EvolutionPlace {
  const number = (name: string, min: number) =>
    parseWholeNumber(query.get(name) ?? "", { min, max: 99_999 });
  return {
    frame: number("denoising", 0),
    digit: (number("sample", 1) ?? 1) - 1,
    film: FILM_KINDS.find((kind) => kind === query.get("film")) ?? FIRST_PLACE.film,
  };
}

/** `query` with the place replaced; defaults are left out. */
export function withEvolution(
  query: URLSearchParams,
  { frame, digit, film }: EvolutionPlace,
): URLSearchParams {
  return withParams(query, {
    denoising: frame === null ? null : String(frame),
    sample: digit === FIRST_PLACE.digit ? null : String(digit + 1),
    film: film === FIRST_PLACE.film ? null : film,
  });
}
