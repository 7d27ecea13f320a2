/**
 * The page's address in one table. Each parameter has a name, a way to read it and to write it, and what holds without it;
 * groups say which views share them. Reading, writing, Export's link and the notice of what is unknown follow from it.
 * The settings of a run, but for the name of the preset, are not in it: they have a table of their own, which `engine/config/url.ts` converts.
 *
 * Only what differs from its default is named, so that a link says what was chosen. A view reads its groups when it opens,
 * and writes them at once, but what is dragged or played when it has been at rest for a moment (`atRest`). The settings of
 * a run and the charts are written by `main.tsx`, and a view as a new entry of the history by links and by `main.tsx`.
 */
import { createStore } from "zustand/vanilla";
import { HYPERPARAMETERS, type RunConfig } from "../../engine/config/hyperparameters.ts";
import { DEFAULT_PRESET, PRESETS, type PresetName } from "../../engine/config/presets.ts";
import { DEFAULT_DIGITS, INVERSION } from "../../engine/config/sampling.ts";
import { hasTeacher } from "../../engine/config/studentSteps.ts";
import { configToQuery } from "../../engine/config/url.ts";
import { FLIPS, type FlipId } from "../../engine/diffusion/editing/flips.ts";
import { firstFew } from "../../engine/shortenedText.ts";
import type { BackendChoice } from "../../hosts/worker/protocol.ts";
import type { SampledNetwork } from "../../runtime/run/samplingProtocol.ts";
import { ASK_DEFAULTS, ASK_KINDS } from "../../runtime/sampling/ask.ts";
import {
  AS_THE_NETWORK,
  networkOwn,
  SAMPLING,
  type SamplingEntry,
  type SamplingName,
} from "../../runtime/sampling/sampling.ts";
import { notInRange, parseNumber, type Range } from "../../runtime/sampling/typedNumbers.ts";
import { keepFacts } from "./client/deviceFacts.ts";
import {
  DEFAULT_CHART_OPTIONS,
  MAX_SMOOTHING,
  SCALES,
  X_KINDS,
  type XWindow,
} from "./slices/chartOptions.ts";
import type { Run } from "./slices/run.ts";
import { VIEWS, type ViewName } from "./slices/view.ts";
import { isTrainedModel, TRAINED_MODELS, type TrainedModelFile } from "./trainedModels.ts";

interface Param<T> {
  key: string;
  default: T;
  /** Null where the text is none of its values: then the default holds, and the person is told. */
  parse(text: string): T | null;
  format(value: NonNullable<T>): string;
  /** The values it can have, in words. */
  expected: string;
  /** A value that is not named, besides the default. */
  whenUnnamed?: T;
  /** Whether only this browser can make sense of a value, such as a run that is stored there. */
  isLocal?: (text: string) => boolean;
}

/** A network that is chosen to be sampled, among them one that comes with the page, and the untrained one. */
export type ChosenNetwork =
  | SampledNetwork
  | { kind: "model"; fileName: TrainedModelFile }
  | { kind: "untrained" };

const CURRENT: ChosenNetwork = { kind: "current" };

function oneOf<const T extends string, Usual extends NoInfer<T> | null>(
  key: string,
  choices: readonly T[],
  fallback: Usual,
): Param<null extends Usual ? T | null : T> {
  const all = choices.join(", ");
  type Value = null extends Usual ? T | null : T;
  return {
    key,
    default: fallback as Value,
    parse: (text) => (choices.find((choice) => choice === text) ?? null) as Value,
    format: String,
    // File names are long.
    expected: `one of ${all.length > 120 ? firstFew(choices) : all}`,
  };
}

/** What is typed stands in its field, wrong or not. */
function typed(key: string, fallback: string): Param<string>;
function typed(key: string, fallback: string | null): Param<string | null>;
function typed(key: string, fallback: string | null): Param<string | null> {
  return { key, default: fallback, parse: (text) => text, format: String, expected: "a text" };
}

function local<T>(param: Param<T>): Param<T> {
  return { ...param, isLocal: () => true };
}

interface NumberRange extends Range {
  kind?: "integer" | "real";
  /** The number that stands for 0 in the address. */
  from?: number;
}

function number(key: string, range: NumberRange, fallback: number): Param<number>;
function number(key: string, range: NumberRange, fallback: null): Param<number | null>;
function number(key: string, range: NumberRange, fallback: number | null): Param<number | null> {
  const { kind = "integer", from = 0 } = range;
  return {
    key,
    default: fallback,
    parse: (text) => {
      const value = parseNumber(text, range, kind);
      return value === null ? null : value - from;
    },
    format: (value) => String(value + from),
    expected: notInRange("", range).replace(/, not .*/, ""),
  };
}

/** The place of an image among those that no network has seen (the validation part, where there is one). */
const PLACES = { min: 0, max: 9_999_999 };
const SHARES = { min: 0, max: 1, kind: "real" } as const;

/** `current`, `untrained`, the file of a trained model, or `run@step`. */
export function networkKey(network: ChosenNetwork): string {
  switch (network.kind) {
    case "stored":
      return `${network.runId}@${network.step}`;
    case "model":
      return network.fileName;
    default:
      return network.kind;
  }
}

/** The inverse; null when it is none. */
export function networkOfKey(key: string): ChosenNetwork | null {
  if (key === "current" || key === "untrained") return { kind: key };
  if (isTrainedModel(key)) return { kind: "model", fileName: key };
  const [, runId, step] = /^(.+)@(\d+)$/.exec(key) ?? [];
  return runId === undefined ? null : { kind: "stored", runId, step: Number(step) };
}

function network(key: string): Param<ChosenNetwork> {
  const expected =
    "current, untrained, a trained model's file, or a run and a step of it, run@step";
  return {
    key,
    default: CURRENT,
    parse: networkOfKey,
    format: networkKey,
    expected,
    isLocal: (text) => networkOfKey(text)?.kind === "stored",
  };
}

/** What is chosen or typed for a setting: an emptied field is what the network's settings say. */
function asTheNetwork(key: string): Param<string | null> {
  return { ...typed(key, null), parse: (text) => text || null, whenUnnamed: "" };
}

/** The settings of `SAMPLING` that a view keeps in the address. */
function sampling<Name extends SamplingName>(
  names: readonly Name[],
  keyOf: (name: Name) => string,
): Record<Name, Param<string | null>> {
  const params = names.map((name) => {
    const entry: SamplingEntry = SAMPLING[name];
    if (entry.kind !== "choice") return [name, asTheNetwork(keyOf(name))];
    const ids = Object.keys(entry.options());
    return [name, oneOf(keyOf(name), ids, name === "weights" ? "ema" : null)];
  });
  return Object.fromEntries(params);
}

const DRAWN_BY = ["weights", "sampler", "steps", "spacing", "eta", "stepSize", "guidance"] as const;
const MEASURED_BY = ["weights", "sampler", "steps", "spacing", "guidance"] as const;

const pair: Param<readonly [number, number] | null> = {
  key: "between",
  default: null,
  parse(text) {
    const places = text.split(",").map((place) => parseNumber(place, PLACES, "integer"));
    const [first = null, second = null] = places;
    return first === null || second === null || places.length > 2 ? null : [first, second];
  },
  format: String,
  expected: "the places of two images, 3,7",
};

const zoom: Param<XWindow | null> = {
  key: "zoom",
  default: null,
  parse(text) {
    const [, from, to] = /^([\d.]+)-([\d.]+)$/.exec(text) ?? [];
    return Number(from) < Number(to) ? { from: Number(from), to: Number(to) } : null;
  },
  // Three decimals are finer than a pixel of any chart, and tiny numbers get no exponent.
  format: ({ from, to }) => [from, to].map((x) => Number(x.toFixed(3))).join("-"),
  expected: "a part of the x axis, 100-500",
};

const runIds: Param<readonly string[] | null> = {
  key: "runs",
  default: null,
  parse: (text) => text.split(",").filter(Boolean),
  format: String,
  expected: "the ids of runs",
};

export const PLANE_LAYERS = [
  "data",
  "arrows",
  "exact",
  "error",
  "particles",
  "paths",
  "oneStep",
  "density",
] as const;
export type PlaneLayer = (typeof PLANE_LAYERS)[number];

const layers: Param<readonly PlaneLayer[]> = {
  key: "layers",
  default: ["data", "arrows", "particles"],
  parse(text) {
    // Older links call the paths "ways".
    const named = text.replace("ways", "paths").split(",").filter(Boolean);
    const known = PLANE_LAYERS.filter((layer) => named.includes(layer));
    return known.length === named.length ? known : null;
  },
  format: String,
  expected: PLANE_LAYERS.join(", "),
};

/** A parameter that needs no value. */
function flag(key: string): Param<boolean> {
  return { key, default: false, parse: () => true, format: (is) => (is ? "1" : ""), expected: "1" };
}

export const BACKEND_CHOICES = ["auto", "webgpu", "wasm"] as const satisfies BackendChoice[];

const PARTS = ["around", "lower", "upper", "left", "right", "marked"] as const;

/** The parameters by what reads them. */
export const ADDRESS = {
  page: {
    preset: oneOf("preset", Object.keys(PRESETS) as PresetName[], DEFAULT_PRESET),
    model: oneOf("model", Object.keys(TRAINED_MODELS), null),
    view: oneOf("view", VIEWS, "train"),
    backend: local(oneOf("backend", BACKEND_CHOICES, "auto")),
    /** The checksum of the person's own images, which may be kept in this browser; null for those that come with the app. */
    images: local(number("images", { min: -(2 ** 31), max: 2 ** 31 - 1 }, null)),
    runId: local(typed("run", null)),
    heldStep: local(number("step", { min: 0, max: 999_999_999 }, null)),
    present: flag("present"),
  },
  /** How all charts are drawn, wherever they stand. */
  charts: {
    smoothing: number(
      "smoothing",
      { min: 0, max: MAX_SMOOTHING, kind: "real" },
      DEFAULT_CHART_OPTIONS.smoothing,
    ),
    x: oneOf("x", X_KINDS, DEFAULT_CHART_OPTIONS.x),
    xScale: oneOf("xScale", SCALES, DEFAULT_CHART_OPTIONS.xScale),
    yScale: oneOf("yScale", SCALES, DEFAULT_CHART_OPTIONS.yScale),
    zoom,
  },
  /** What is asked for in Train, a number or a class. */
  train: {
    write: typed("write", ""),
    digit: typed("digit", null),
  },
  draw: {
    isComparing: flag("compare"),
    start: oneOf(
      "start",
      ["noise", "pair", "digit", "drawing", "own", "plane", "fill", "invert", "arc", "readings"],
      "noise",
    ),
    /** The image of which a part is filled in, or that is inverted. */
    of: oneOf("of", ["drawing", "digit", "own"], "digit"),
    /** The class of a drawing or picture that is inverted, as the network is told it; null where it is not. */
    is: number("is", { min: 0, max: 255 }, null),
    /** The part that is filled in; null is all around a drawing, and the lower half of another image. */
    part: oneOf("part", PARTS, null),
    resamplings: typed("resamplings", "1"),
    jump: typed("jump", "1"),
    /** What a picture of two readings reads as, how it is flipped, and what it reads as then. */
    first: typed("first", "6"),
    flip: oneOf("flip", Object.keys(FLIPS) as FlipId[], "turn"),
    second: typed("second", "9"),
    count: typed("digits", String(DEFAULT_DIGITS)),
    seed: typed("noise", "0"),
    /** Noise added to images, as a share of T - 1: 0 to 1. */
    level: number("level", SHARES, 0.5),
    /** How far back an image is inverted, as a share of T - 1: 0 to 1. */
    back: number("back", SHARES, INVERSION.back),
    /** The two images to interpolate between, by their places in the dataset; null lets the seed choose. */
    pair,
    /** The share of the second of two digits or classes, 0 to 1, in all digits; null goes from the one to the other. */
    mix: number("mix", SHARES, null),
    /** The image to add noise to, by its place in the dataset. */
    digit: number("image", PLACES, 0),
    /** What is at the corners of the plane. */
    corners: typed("corners", "3850"),
    ask: oneOf("ask", ASK_KINDS, ASK_DEFAULTS.ask),
    label: typed("label", ASK_DEFAULTS.label),
    to: typed("to", ASK_DEFAULTS.to),
    text: typed("text", ASK_DEFAULTS.text),
  },
  drawA: {
    network: network("network"),
    ...sampling(DRAWN_BY, (name) => SAMPLING[name].key),
    // Links of earlier versions leave out eta where it is 0, whatever the settings of the run say.
    eta: typed("eta", "0" as string | null),
  },
  drawB: {
    network: network("networkB"),
    ...sampling(DRAWN_BY, (name) => `${SAMPLING[name].key}B`),
    eta: typed("etaB", "0" as string | null),
    steps: typed("stepsB", "5" as string | null),
  },
  evolution: {
    /** On the denoising axis, from 0, the noise; null is its end, the digits. */
    frame: number("denoising", { min: 0, max: 99_999 }, null),
    /** The digit whose whole plane is drawn, from 0. */
    digit: number("sample", { min: 1, max: 99_999, from: 1 }, 0),
    /** What a film goes through. */
    film: oneOf("film", ["training", "denoising", "both"], "training"),
  },
  compare: {
    chosenIds: local(runIds),
    figure: typed("figure", "loss"),
  },
  quality: {
    network: network("measure"),
    count: typed("measureCount", "256"),
    seed: typed("measureSeed", "0"),
    ...sampling(MEASURED_BY, (name) => `measure${name.charAt(0).toUpperCase()}${name.slice(1)}`),
  },
  plane: {
    /** The layers that are seen, `data,arrows`. */
    layers: layers,
    /** How far the points have flowed, from 0, noise, to 1, data. */
    time: number("flow", SHARES, 1),
    /** What is played: points that flow from noise to data, data mixed with noise, or a walk at one noise level. */
    mode: oneOf("play", ["denoise", "forward", "langevin"], "denoise"),
    /** The level of such a walk, as a share of T - 1. */
    walkLevel: number("walk", SHARES, 0.1),
    /** Whether such a walk comes from the most noise. */
    isAnnealed: flag("annealed"),
    /** The class that the points are asked to be; null asks for none. */
    label: number("class", { min: 0, max: 255 }, null),
  },
  model: {
    /** The block that one looks inside of. */
    block: typed("block", null),
  },
} as const satisfies Record<string, Record<string, Param<never> | Param<unknown>>>;

export type ParamGroup = keyof typeof ADDRESS;

type ValueOf<P> = P extends Param<infer T> ? T : never;

/** What the address says of a group. */
export type Params<Group extends ParamGroup> = {
  [Name in keyof (typeof ADDRESS)[Group]]: ValueOf<(typeof ADDRESS)[Group][Name]>;
};

/** The views whose links have a group's parameters; null for all. */
const SHARED_BY: Record<ParamGroup, readonly ViewName[] | null> = {
  page: null,
  charts: null,
  train: ["train"],
  // The look inside a block draws as Draw does.
  draw: ["denoise", "model"],
  drawA: ["denoise", "model"],
  drawB: ["denoise", "model"],
  evolution: ["evolution"],
  compare: ["compare"],
  quality: ["quality"],
  plane: ["plane"],
  model: ["model"],
};

/** All parameters, with the group that each is in. */
export const ALL_PARAMS = Object.entries(ADDRESS).flatMap(([group, params]) =>
  Object.values<Param<unknown>>(params).map((param) => ({ ...param, group: group as ParamGroup })),
);

/**
 * The query of the address bar. It is kept here besides, since going back in the history leads to an address with
 * older settings, while those on the page stay.
 */
const address = createStore(() => new URLSearchParams(globalThis.location?.search));

/** The page's query as it was written last. */
export const addressQuery = address.getState;

/** @returns ends it */
export const onAddressChange = address.subscribe;

/** What the address says of a group; its default for what is not named, or is none of its values. */
export function readParams<Group extends ParamGroup>(
  group: Group,
  query: URLSearchParams = addressQuery(),
): Params<Group> {
  const values = Object.entries<Param<unknown>>(ADDRESS[group]).map(([name, param]) => {
    const text = query.get(param.key);
    return [name, (text === null ? null : param.parse(text)) ?? param.default];
  });
  return Object.fromEntries(values) as Params<Group>;
}

/** A copy of `query` with these values of a group; what is as by default is not named, and all else stays. */
export function withParams<Group extends ParamGroup>(
  query: URLSearchParams,
  group: Group,
  values: Partial<Params<Group>>,
): URLSearchParams {
  const after = new URLSearchParams(query);
  const params: Record<string, Param<unknown>> = ADDRESS[group];
  for (const [name, value] of Object.entries(values)) {
    const param = params[name];
    // State that a view keeps beside its parameters is not in the address.
    if (!param) continue;
    const isDefault =
      value === null || value === undefined || value === param.whenUnnamed || isSame(param, value);
    if (isDefault) after.delete(param.key);
    else after.set(param.key, param.format(value));
  }
  return after;
}

function isSame(
  { default: fallback, format }: Param<unknown>,
  value: NonNullable<unknown>,
): boolean {
  return fallback !== null && fallback !== undefined && format(value) === format(fallback);
}

/** Changes the query in the address bar without a new entry in the history. */
export function rewriteAddress(change: (query: URLSearchParams) => URLSearchParams): void {
  address.setState(change, true);
  window.history.replaceState(window.history.state, "", barAddress());
}

/** Browsers limit how often the address may be written, which a dragged slider or a film would exceed. */
const REST_MS = 300;

/** A `write` of the address that waits until nothing asked for it for a moment; `now` does not wait. */
export function atRest(write: () => void): { soon(): void; now(): void } {
  let timer: ReturnType<typeof setTimeout>;
  return {
    soon() {
      clearTimeout(timer);
      timer = setTimeout(write, REST_MS);
    },
    now() {
      clearTimeout(timer);
      write();
    },
  };
}

/** Writes values of a group into the address bar. */
export function writeParams<Group extends ParamGroup>(
  group: Group,
  values: Partial<Params<Group>>,
): void {
  rewriteAddress((query) => withParams(query, group, values));
}

/** `query` with the settings of a run replaced; what is no setting, such as `backend`, stays. */
export function withSettings(
  query: URLSearchParams,
  preset: PresetName,
  config: RunConfig,
): URLSearchParams {
  const others = [...query].filter(
    ([key]) => key !== "preset" && !Object.hasOwn(HYPERPARAMETERS, key),
  );
  return new URLSearchParams([...others, ...configToQuery(preset, config)]);
}

/**
 * Puts the weights that are loaded, null for none, into `query`. They bring their own way of being sampled, so what
 * was chosen for other weights goes; it stays where the address already names these very ones, and where a view samples
 * another network.
 */
export function withLoaded(query: URLSearchParams, fileName: string | null): URLSearchParams {
  const model = fileName !== null && isTrainedModel(fileName) ? fileName : null;
  const isNamed = model !== null && model === query.get("model");
  let after = withParams(query, "page", { model });
  for (const group of ["drawA", "quality"] as const) {
    if (fileName === null || isNamed || query.has(ADDRESS[group].network.key)) continue;
    after = withParams(after, group, networkOwn(AS_THE_NETWORK));
  }
  return after;
}

/**
 * Goes to the address of a view, in a new entry of the history.
 *
 * @param setUp what else changes in it
 */
export function goToView(
  view: ViewName,
  setUp = (query: URLSearchParams): URLSearchParams => query,
): void {
  address.setState((query) => withParams(setUp(query), "page", { view }), true);
  window.history.pushState(null, "", barAddress());
}

/** The view that the person went back or forward to; the rest of the address is as it was. */
export function viewGoneTo(): ViewName {
  const { view } = readParams("page", new URLSearchParams(window.location.search));
  writeParams("page", { view });
  return view;
}

interface Shared {
  view: ViewName;
  config: RunConfig;
  run: Run | null;
}

/** A link to this page as it is seen, with its settings, for another browser. */
export function shareLink({ view, config, run }: Shared): string {
  const isShared = ([name, text]: readonly [string, string]) => {
    const param = ALL_PARAMS.find(({ key }) => key === name);
    if (!param) return Object.hasOwn(HYPERPARAMETERS, name);
    return !param.isLocal?.(text) && (SHARED_BY[param.group]?.includes(view) ?? true);
  };
  const query = new URLSearchParams([...addressQuery()].filter(isShared));
  // Nobody can train this without its teacher.
  const teacher = hasTeacher(config) && run?.size?.startedFrom;
  if (teacher && isTrainedModel(teacher)) query.set("model", teacher);
  const link = new URL(window.location.href);
  link.hash = "";
  // Without a question mark where nothing follows it.
  link.search = query.toString();
  return link.href;
}

/** Reloads the page with another backend: the worker cannot change its own. A graphics device that failed is tried anew. */
export function reloadWithBackend(backend: BackendChoice): void {
  keepFacts(null);
  writeParams("page", { backend });
  window.location.reload();
}

function barAddress(): string {
  const { pathname, hash } = window.location;
  const query = addressQuery().toString();
  // Without a question mark where nothing follows it.
  return `${query === "" ? pathname : `?${query}`}${hash}`;
}
