/** Where one is in the evolution, as the page's address has it; the training step is the cursor's. */

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

/** `?denoising=3&sample=7&film=both`; what makes no sense is passed over. */
export function evolutionFromQuery(query: URLSearchParams): EvolutionPlace {
  const sample = wholeNumber(query.get("sample")) ?? 0;
  return {
    frame: wholeNumber(query.get("denoising")),
    digit: Math.max(0, sample - 1),
    film: FILM_KINDS.find((kind) => kind === query.get("film")) ?? FIRST_PLACE.film,
  };
}

/** `query` with the place replaced; what is as at first is not named. */
export function withEvolution(
  query: URLSearchParams,
  { frame, digit, film }: EvolutionPlace,
): URLSearchParams {
  const after = new URLSearchParams(query);
  const set = (key: string, value: string | number, isNamed: boolean) => {
    if (isNamed) after.set(key, String(value));
    else after.delete(key);
  };
  set("denoising", frame ?? "", frame !== null);
  set("sample", digit + 1, digit !== FIRST_PLACE.digit);
  set("film", film, film !== FIRST_PLACE.film);
  return after;
}

function wholeNumber(text: string | null): number | null {
  return /^\d{1,5}$/.test(text ?? "") ? Number(text) : null;
}
