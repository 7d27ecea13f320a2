/**
 * The table of samplers. An entry says which settings it has and how often it asks the network; its step is a file in
 * `samplers/`, which `SAMPLER_STEPS` in `engine/train/digitSampler.ts` names. A step is given the timestep and the
 * prediction of the step before, and may ask the network more than once. Where the straight path of flow matching, or a
 * single noise level, makes a difference, `samplersOf` says so. Every form that draws digits and the commands then offer it, and Quality compares it.
 */
import { isOneLevel, isStraight, type ObjectiveId } from "./objectives.ts";
import type { SpacingId } from "./spacings.ts";

export interface SamplerSettings {
  /** Number of steps, 1 to T. A sampler without this setting takes all T. */
  timesteps: number;
  /** Which timesteps these visit; without this setting they are even in t. */
  spacing: SpacingId;
  /** Share of fresh noise in each step, 0 to 1. */
  eta: number;
  /** The signal-to-noise ratio r of each step along the score, 0 to 1; 0 takes none. */
  stepSize: number;
}

/** A sampler, without TensorFlow.js; its step is in `samplers/`. */
export interface SamplerEntry<Id extends string = SamplerId> {
  /** As written in the middle of a sentence. */
  label: string;
  /** One sentence for the form, with its paper. */
  help: string;
  settings: readonly (keyof SamplerSettings)[];
  /** How often the network is asked in so many steps, of which the last leads to the image. */
  numPasses(numSteps: number, isFromNoise: boolean): number;
  /** Whether each step but the last needs fresh noise. */
  isNoisy(settings: Partial<SamplerSettings>): boolean;
  /** Its step size where nothing else is said, of a sampler that has this setting (docs/performance.md). */
  defaultStepSize?: number;
  /** The sampler of the first step from pure noise, where it is another. */
  first?: Id | undefined;
  /** What it is with all T steps, where that is another sampler. */
  inAllSteps?: Id | undefined;
  /** How it is approximated in fewer steps, where it takes all T. */
  inFewerSteps?: { kind: Id } & Partial<SamplerSettings>;
}

/** The samplers, which turn noise into digits. */
export const SAMPLERS = {
  ddim: {
    label: "DDIM",
    help: "DDIM goes straight to the next noise level; eta, 0 to 1, is the fresh noise it adds: 0 is none, 1 as much as ancestral sampling (Song et al. 2021).",
    settings: ["timesteps", "spacing", "eta"],
    numPasses: (numSteps) => numSteps,
    isNoisy: ({ eta = 0 }) => eta > 0,
    // As in lucidrains' library.
    inAllSteps: "ancestral",
  },
  dpmpp2m: {
    label: "DPM-Solver++(2M)",
    help: "DPM-Solver++(2M) also looks back at the step before, so that 10 steps do what DDIM needs many more for (Lu et al. 2022).",
    settings: ["timesteps", "spacing"],
    numPasses: (numSteps) => numSteps,
    isNoisy: () => false,
  },
  heun: {
    label: "Heun",
    help: "Heun tries each step, looks where it leads, and corrects it, which takes two predictions for each step but the first, from pure noise, and the last (Karras et al. 2022).",
    settings: ["timesteps", "spacing"],
    numPasses: (numSteps, isFromNoise) => Math.max(1, 2 * numSteps - (isFromNoise ? 2 : 1)),
    isNoisy: () => false,
    // See `heunStep`.
    first: "ddim",
  },
  corrected: {
    label: "DDIM with correction",
    help: "After each step of DDIM the digits are moved along the score at that noise level, with fresh noise, which takes a second prediction; the larger the step size, the more it is Langevin dynamics (Song et al. 2021).",
    settings: ["timesteps", "spacing", "stepSize"],
    numPasses: (numSteps) => 2 * numSteps - 1,
    isNoisy: () => true,
    defaultStepSize: 0.1,
  },
  langevin: {
    label: "annealed Langevin",
    help: "Langevin dynamics alone: at each noise level the digits take one step along the score, with fresh noise, and nothing else removes noise, so that it needs many steps (Song and Ermon 2019).",
    settings: ["timesteps", "spacing", "stepSize"],
    numPasses: (numSteps) => numSteps,
    isNoisy: () => true,
    defaultStepSize: 0.5,
  },
  ancestral: {
    label: "ancestral",
    help: "Each step adds fresh noise (Ho et al. 2020).",
    settings: [],
    numPasses: (numSteps) => numSteps,
    isNoisy: () => true,
    inFewerSteps: { kind: "ddim", eta: 1 },
  },
} as const satisfies Record<string, SamplerEntry<string>>;

export type SamplerId = keyof typeof SAMPLERS;

/** The samplers that take any number of steps. */
export type StepSamplerId = {
  [Id in SamplerId]: "timesteps" extends (typeof SAMPLERS)[Id]["settings"][number] ? Id : never;
}[SamplerId];

/** With their names and settings as they are with an objective, where one is given. */
export function stepSamplers(objective?: ObjectiveId): Record<StepSamplerId, SamplerEntry> {
  const all = Object.entries<SamplerEntry>(objective ? samplersOf(objective) : SAMPLERS);
  const chosen = all.filter(([, { settings }]) => settings.includes("timesteps"));
  return Object.fromEntries(chosen) as Record<StepSamplerId, SamplerEntry>;
}

export interface Sampler extends Partial<SamplerSettings> {
  kind: SamplerId;
}

/** DDIM on the straight path. */
const EULER: SamplerEntry = {
  ...SAMPLERS.ddim,
  label: "Euler (DDIM)",
  help: "Euler's method goes straight along the predicted flow to the next noise level (Lipman et al. 2023).",
  inAllSteps: undefined,
};

/** Heun on the straight path, where its first step is like the others. */
const HEUN_OF_FLOW: SamplerEntry = {
  ...SAMPLERS.heun,
  help: "Heun tries each step, looks where it leads, and corrects it, which takes two predictions for each step but the last (Karras et al. 2022).",
  numPasses: (numSteps) => 2 * numSteps - 1,
  first: undefined,
};

/** DDIM from one noise level, where its only step leads to the image. */
const ONE_STEP: SamplerEntry = {
  ...SAMPLERS.ddim,
  help: "The network knows one noise level and removes it in one step.",
  settings: [],
  isNoisy: () => false,
  inAllSteps: undefined,
};

/**
 * The samplers of an objective, by their ids. On the straight path there is no fresh noise, and at one noise level there
 * is one step, which is the same with all of them.
 */
export function samplersOf(objective: ObjectiveId): Partial<Record<SamplerId, SamplerEntry>> {
  if (isOneLevel(objective)) return { ddim: ONE_STEP };
  if (!isStraight(objective)) return SAMPLERS;
  const all = Object.entries<SamplerEntry>({ ...SAMPLERS, ddim: EULER, heun: HEUN_OF_FLOW });
  return Object.fromEntries(
    all
      .filter(([, { isNoisy }]) => !isNoisy({}))
      .map(([id, entry]) => {
        const settings = entry.settings.filter((name) => name !== "eta");
        return [id, { ...entry, settings }];
      }),
  );
}

/** The sampler that a setting stands for: DDIM, which all objectives have, where it is none of the objective's. */
export function samplerFor(kind: SamplerId, objective: ObjectiveId): SamplerId {
  return Object.hasOwn(samplersOf(objective), kind) ? kind : "ddim";
}

/** The sampler that a setting stands for, as it is with an objective. */
export function samplerEntry(kind: SamplerId, objective: ObjectiveId): SamplerEntry {
  return samplersOf(objective)[samplerFor(kind, objective)] as SamplerEntry;
}

/** A sampler with those among the given settings that it has with the objective. */
export function samplerWith(
  kind: SamplerId,
  settings: SamplerSettings,
  objective: ObjectiveId,
): Sampler {
  if (isOneLevel(objective)) return { kind: "ddim", timesteps: 1 };
  const { settings: own } = samplerEntry(kind, objective);
  return {
    kind: samplerFor(kind, objective),
    ...Object.fromEntries(own.map((name) => [name, settings[name]])),
  };
}
