/** The denoising view's settings in the page's address: only what differs from the defaults. */
import { SAMPLERS, type SamplerId } from "../../../../engine/diffusion/samplers.ts";
import { withParams } from "../../../state/query.ts";
import { networkKey, networkOfKey } from "../../../state/slices/sampledNetwork.ts";
import {
  DENOISE_DEFAULTS,
  type DenoiseSettings,
  type Side,
  type SideSettings,
  START_KINDS,
} from "./denoiseSettings.ts";

/** Of the second generation they end in `B`. */
const SIDE_KEYS = ["network", "weights", "sampler", "steps", "eta"] as const;

export function denoiseFromQuery(query: URLSearchParams): DenoiseSettings {
  const defaults = DENOISE_DEFAULTS;
  const level = Number(query.get("level") ?? Number.NaN);
  const [first, second] = (query.get("between") ?? "").split(",").map(placeOf);
  return {
    a: sideFromQuery(query, "a"),
    b: sideFromQuery(query, "b"),
    isComparing: query.has("compare"),
    start: START_KINDS.find((kind) => kind === query.get("start")) ?? defaults.start,
    digits: query.get("digits") ?? defaults.digits,
    seed: query.get("noise") ?? defaults.seed,
    level: level >= 0 && level <= 1 ? level : defaults.level,
    pair: typeof first === "number" && typeof second === "number" ? [first, second] : null,
    digit: placeOf(query.get("image") ?? "") ?? defaults.digit,
  };
}

/** `query` with the view's settings replaced; all else stays. */
export function withDenoise(query: URLSearchParams, settings: DenoiseSettings): URLSearchParams {
  const { a, b, isComparing, start, digits, seed, level, pair, digit } = settings;
  const defaults = DENOISE_DEFAULTS;
  return withParams(query, {
    ...sideParams("a", a),
    compare: isComparing ? "1" : null,
    ...sideParams("b", isComparing ? b : defaults.b),
    start: unlessUsual(start, defaults.start),
    digits: unlessUsual(digits, defaults.digits),
    noise: unlessUsual(seed, defaults.seed),
    level: unlessUsual(level, defaults.level),
    between: pair?.join(",") ?? null,
    image: unlessUsual(digit, defaults.digit),
  });
}

function unlessUsual<T extends string | number>(value: T, usual: T): string | null {
  return value === usual ? null : String(value);
}

function sideFromQuery(query: URLSearchParams, side: Side): SideSettings {
  const usual = DENOISE_DEFAULTS[side];
  const get = (key: (typeof SIDE_KEYS)[number]) => query.get(keyOf(key, side));
  const sampler = get("sampler") ?? "";
  return {
    network: networkOfKey(get("network") ?? "") ?? usual.network,
    weights: get("weights") === "raw" ? "raw" : "ema",
    // Not `in`, which knows `toString` and its like.
    sampler: Object.hasOwn(SAMPLERS, sampler) ? (sampler as SamplerId) : usual.sampler,
    steps: get("steps") ?? usual.steps,
    eta: get("eta") ?? usual.eta,
  };
}

function sideParams(side: Side, settings: SideSettings): Record<string, string | null> {
  const text = ({ network, steps, ...others }: SideSettings) => ({
    ...others,
    network: networkKey(network),
    steps: steps ?? "",
  });
  const [values, usual] = [text(settings), text(DENOISE_DEFAULTS[side])];
  return Object.fromEntries(
    SIDE_KEYS.map((key) => [keyOf(key, side), unlessUsual(values[key], usual[key])]),
  );
}

function keyOf(key: string, side: Side): string {
  return side === "a" ? key : `${key}B`;
}

function placeOf(text: string): number | null {
  return /^\d{1,7}$/.test(text) ? Number(text) : null;
}
