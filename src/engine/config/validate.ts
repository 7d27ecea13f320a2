import { classShares, MAX_OWN_CLASSES, POINT_SETS } from "../data/pointSets.ts";
import { isOneLevel, isStraight } from "../diffusion/objectives.ts";
import { takesPoints } from "../nn/architectures.ts";
import { numParameters } from "../nn/networkBlocks.ts";
import { shortened } from "../shortenedText.ts";
import {
  defaultConfig,
  HYPERPARAMETERS,
  type HyperparameterName,
  IMAGE_SIZE,
  type RunConfig,
} from "./hyperparameters.ts";
import { NETWORK_SETTINGS } from "./network.ts";
import { MIN_PREVIEW_EVERY } from "./snapshotSteps.ts";

/**
 * Most parameters of a network to be trained. The newest and the best checkpoint each hold four float32
 * numbers for every one, 0.96 GB in all, and run files above 2^30 bytes are not read
 * (`runtime/files/importedWeights.ts`). Whether the device has room is checked in `engine/train/memory.ts`.
 */
const MAX_PARAMETERS = 30e6;

export type ConfigErrors = Partial<Record<HyperparameterName, string>>;

/**
 * What is wrong with a configuration, by field; an empty object means that it can run. Each message says
 * what was expected, what came, and where it helps why.
 */
export function validateConfig(config: RunConfig): ConfigErrors {
  const errors: ConfigErrors = {};
  for (const name of Object.keys(HYPERPARAMETERS) as HyperparameterName[]) {
    const message = valueError(name, config[name]);
    if (message) errors[name] = message;
  }
  const { ownPoints } = config;
  if (!errors.ownPoints && !isOfOwnPoints(ownPoints)) {
    errors.ownPoints = `Three numbers for each point, the third a class from 0 to ${MAX_OWN_CLASSES - 1}, got ${ownPoints.length} numbers`;
  }
  // Rules between fields are checked only if each field is valid by itself.
  if (!errors.dim && config.dim % 2 !== 0) {
    errors.dim = `An even number, not ${config.dim}: the time embedding is half sines, half cosines`;
  }
  const smallestDivisor = errors.dimMults ? 1 : 2 ** (config.dimMults.length - 1);
  if (IMAGE_SIZE % smallestDivisor !== 0) {
    errors.dimMults = `At most 3 levels, not ${config.dimMults.length}: ${IMAGE_SIZE} must be divisible by 2^(levels - 1)`;
  }
  for (const name of ["samplingTimesteps", "previewTimesteps"] as const) {
    if (!errors[name] && !errors.timesteps && config[name] > config.timesteps) {
      errors[name] = `At most the ${config.timesteps} diffusion steps, not ${config[name]}`;
    }
  }
  return errors;
}

function isOfOwnPoints(numbers: readonly number[]): boolean {
  const classes = numbers.filter((_, i) => i % 3 === 2);
  return numbers.length % 3 === 0 && classes.every((of) => of >= 0 && of < MAX_OWN_CLASSES);
}

/** What is known of the images to train on. */
export interface LabelsKnown {
  /** How many kinds of images their labels tell apart. */
  numClasses: number;
}

/**
 * Also checks what stored runs need not fulfil: the limits of previews and parameters, and how often steps can be
 * halved, which some exceed, and that there is a class for each label of the images that are loaded now, null where there are none.
 */
export function validateNewRun(config: RunConfig, images: LabelsKnown | null = null): ConfigErrors {
  const errors = validateConfig(config);
  const { objective, previewEvery, classes, distilFrom, epochs, timesteps } = config;
  const isOfPoints = !errors.architecture && takesPoints(config);
  const numClasses = isOfPoints ? numPointClasses(config) : (images?.numClasses ?? 0);
  if (!errors.classes && classes > 0 && classes < numClasses) {
    errors.classes = `At least ${numClasses} for these ${isOfPoints ? "points" : "images"}, or 0 to train without labels, not ${classes}`;
  }
  const { reflowSteps } = config;
  if (!errors.reflowSteps && !errors.objective && reflowSteps > 0) {
    if (!isStraight(objective)) {
      errors.reflowSteps = `0, not ${reflowSteps}: only a flow can be made straighter`;
    } else if (distilFrom > 0) {
      errors.reflowSteps = `0, not ${reflowSteps}: a distillation learns otherwise`;
    }
  }
  const numHalvings = Math.log2(distilFrom);
  if (distilFrom > 0 && !errors.distilFrom && !errors.timesteps && !errors.epochs) {
    if (isOneLevel(objective)) {
      errors.distilFrom = `0, not ${distilFrom}: at one noise level a digit takes one step already`;
    } else if (numHalvings === 0 || !Number.isInteger(numHalvings) || distilFrom > timesteps) {
      errors.distilFrom = `0, or a power of two, 2 to ${timesteps}, not ${distilFrom}`;
    } else if (epochs > numHalvings) {
      errors.epochs = `At most ${numHalvings}, not ${epochs}: so often ${distilFrom} steps can be halved`;
    }
  }
  if (!errors.previewEvery && previewEvery > 0 && previewEvery < MIN_PREVIEW_EVERY) {
    const expected = `0, or at least ${MIN_PREVIEW_EVERY} steps`;
    errors.previewEvery = `${errorOf(expected, previewEvery)}: all previews are kept, and fill memory and disk`;
  }
  const hasNetwork = NETWORK_SETTINGS.every((name) => !errors[name]);
  const parameters = hasNetwork ? numParameters(config) : 0;
  if (parameters > MAX_PARAMETERS) {
    errors.dimMults = `At most ${inMillions(MAX_PARAMETERS)} parameters, not ${inMillions(parameters)}: choose smaller factors or a smaller base width`;
  }
  return errors;
}

/** Classes of the points that a perceptron is to be trained on; 0 where there are no such points. */
function numPointClasses(config: RunConfig): number {
  return Object.hasOwn(POINT_SETS, config.points) ? classShares(config).length : 0;
}

/** Puts the default in place of each value that is wrong, so that there is something to show while one is typed. */
export function correctedConfig(config: RunConfig): RunConfig {
  const names = Object.keys(validateConfig(config)) as HyperparameterName[];
  if (names.length === 0) return config;
  const defaults = defaultConfig();
  const corrected = {
    ...config,
    ...Object.fromEntries(names.map((name) => [name, defaults[name]])),
  };
  // The only rule between fields that a default can break.
  for (const name of ["samplingTimesteps", "previewTimesteps"] as const) {
    corrected[name] = Math.min(corrected[name], corrected.timesteps);
  }
  return corrected;
}

export function isValidConfig(config: RunConfig): boolean {
  return Object.keys(validateConfig(config)).length === 0;
}

export function isValidNewRun(config: RunConfig, images: LabelsKnown | null): boolean {
  return Object.keys(validateNewRun(config, images)).length === 0;
}

function inMillions(count: number): string {
  return `${Math.round(count / 1e6)} million`;
}

/**
 * What is wrong with a value by itself, of any type; null if it is valid. Rules between fields are checked
 * by `validateConfig`.
 */
export function valueError(name: HyperparameterName, value: unknown): string | null {
  const h = HYPERPARAMETERS[name];
  if (h.kind === "choice") {
    const values: unknown[] = Object.keys(h.options);
    if (values.includes(value)) return null;
    return errorOf(`One of ${values.join(", ")}`, value);
  }
  if (h.kind === "switch") {
    return typeof value === "boolean" ? null : errorOf("true or false", value);
  }
  if (h.kind === "integers") {
    if (!Array.isArray(value) || value.length === 0)
      return "Numbers separated by commas, like 1, 2, 5";
    if (value.length > h.maxLength) return errorOf(`At most ${h.maxLength} numbers`, value.length);
    const bad = value.findIndex((v) => !inRange(v, h.min, h.max) || !Number.isInteger(v));
    return bad === -1 ? null : errorOf(`Whole numbers, ${rangeText(h)}`, value[bad]);
  }
  const whole = h.kind === "integer";
  if (!inRange(value, h.min, h.max) || (whole && !Number.isInteger(value))) {
    return errorOf(`A ${whole ? "whole number" : "number"}, ${rangeText(h)}`, value);
  }
  return null;
}

/** `A whole number, 1 to 100, not 300`; without `not …` for NaN, since the field shows what was typed. */
function errorOf(expected: string, got: unknown): string {
  return Number.isNaN(got) ? expected : `${expected}, not ${valueText(got)}`;
}

/** `1 to 1,024`, `1e-7 to 0.1` */
function rangeText({ min, max }: { min: number; max: number }): string {
  return `${valueText(min)} to ${valueText(max)}`;
}

/** Characters of a value in a message. */
const MAX_SHOWN = 40;

/** A file may hold anything, even an object whose `toString` is no function. */
function valueText(value: unknown): string {
  // As the page writes its counts: `1,024`.
  if (Number.isSafeInteger(value)) return (value as number).toLocaleString("en");
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null
    ? "an object"
    : shortened(String(value), MAX_SHOWN);
}

function inRange(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && value >= min && value <= max;
}
