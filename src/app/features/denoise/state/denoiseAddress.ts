/** The denoising view's settings in the page's address: only what differs from the defaults. */
import { networkKey, networkOfKey } from "../../../shared/network/chosenNetwork.ts";
import { samplingFromQuery, samplingParams } from "../../../shared/network/chosenSampling.ts";
import { ASK_KINDS, START_KINDS } from "../../../state/generationKinds.ts";
import { withParams } from "../../../state/query.ts";

import {
  DENOISE_DEFAULTS,
  type DenoiseSettings,
  type Side,
  type SideSettings,
} from "./denoiseSettings.ts";

export function denoiseFromQuery(query: URLSearchParams): DenoiseSettings {
  const defaults = DENOISE_DEFAULTS;
  const [level, mix] = [shareOf(query, "level"), shareOf(query, "mix")];
  const [first, second] = (query.get("between") ?? "").split(",").map(placeOf);
  return {
    a: sideFromQuery(query, "a"),
    b: sideFromQuery(query, "b"),
    isComparing: query.has("compare"),
    start: START_KINDS.find((kind) => kind === query.get("start")) ?? defaults.start,
    digits: query.get("digits") ?? defaults.digits,
    seed: query.get("noise") ?? defaults.seed,
    level: level ?? defaults.level,
    pair: typeof first === "number" && typeof second === "number" ? [first, second] : null,
    mix: mix ?? defaults.mix,
    digit: placeOf(query.get("image") ?? "") ?? defaults.digit,
    corners: query.get("corners") ?? defaults.corners,
    ask: ASK_KINDS.find((kind) => kind === query.get("ask")) ?? defaults.ask,
    label: query.get("label") ?? defaults.label,
    to: query.get("to") ?? defaults.to,
    text: query.get("text") ?? defaults.text,
  };
}

/** `query` with the view's settings replaced; all else stays. */
export function withDenoise(query: URLSearchParams, settings: DenoiseSettings): URLSearchParams {
  return withParams(query, paramsOf(settings), paramsOf(DENOISE_DEFAULTS));
}

/** All of them; those of B only where it is compared. */
function paramsOf(settings: DenoiseSettings): Record<string, string> {
  const { a, b, isComparing, start, digits, seed, level, pair, digit } = settings;
  const { ask, label, to, text, mix, corners } = settings;
  return {
    ...sideParams("a", a),
    compare: isComparing ? "1" : "",
    ...sideParams("b", isComparing ? b : DENOISE_DEFAULTS.b),
    start,
    digits,
    noise: seed,
    level: String(level),
    between: pair?.join() ?? "",
    mix: mix === null ? "" : String(mix),
    image: String(digit),
    ask,
    label,
    to,
    text,
    corners,
  };
}

function sideParams(side: Side, { network, ...sampling }: SideSettings): Record<string, string> {
  const params = { network: networkKey(network), ...samplingParams(sampling) };
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [`${key}${SUFFIXES[side]}`, value]),
  );
}

function sideFromQuery(query: URLSearchParams, side: Side): SideSettings {
  const usual = DENOISE_DEFAULTS[side];
  return {
    ...samplingFromQuery(query, SUFFIXES[side], usual),
    network: networkOfKey(query.get(`network${SUFFIXES[side]}`) ?? "") ?? usual.network,
  };
}

/** Of a side's keys. */
const SUFFIXES: Record<Side, string> = { a: "", b: "B" };

/** From 0 to 1; null when it is none. */
function shareOf(query: URLSearchParams, key: string): number | null {
  const share = Number(query.get(key) ?? Number.NaN);
  return share >= 0 && share <= 1 ? share : null;
}

function placeOf(text: string): number | null {
  return /^\d{1,7}$/.test(text) ? Number(text) : null;
}
