import { isStraight, type ObjectiveId } from "./objectives.ts";

export interface SamplerSettings {
  /** Number of steps, 1 to T. A sampler without this setting takes all T. */
  timesteps: number;
  /** Share of fresh noise in each step, 0 to 1. */
  eta: number;
}

/** A sampler, without TensorFlow.js; its step is in `samplers/`. */
export interface SamplerEntry {
  /** As written in the middle of a sentence. */
  label: string;
  /** One sentence for the form, with its paper. */
  help: string;
  settings: readonly (keyof SamplerSettings)[];
  /**
   * The timesteps it visits, first to last, falling from T - 1; the last is -1, the finished image.
   *
   * @param numSteps 1 to T
   * @returns `[numSteps + 1]`
   */
  timesteps(numTimesteps: number, numSteps: number): number[];
  /** Whether each step but the last needs fresh noise. */
  isNoisy(settings: Partial<SamplerSettings>): boolean;
}

/** The samplers, which turn noise into digits. */
export const SAMPLERS = {
  ddim: {
    label: "DDIM",
    help: "The steps are spread evenly; eta, 0 to 1, is the fresh noise in each: 0 is none, 1 as much as ancestral sampling adds (Song et al. 2021).",
    settings: ["timesteps", "eta"],
    timesteps: evenTimesteps,
    isNoisy: ({ eta = 0 }) => eta > 0,
  },
  dpmpp2m: {
    label: "DPM-Solver++(2M)",
    help: "Each step also looks back at the one before, so that a few steps go as far as many of DDIM (Lu et al. 2022).",
    settings: ["timesteps"],
    timesteps: evenTimesteps,
    isNoisy: () => false,
  },
  heun: {
    label: "Heun",
    help: "Each step is tried, corrected at its end, and taken: it asks the network twice, the last step once (Karras et al. 2022).",
    settings: ["timesteps"],
    timesteps: evenTimesteps,
    isNoisy: () => false,
  },
  ancestral: {
    label: "ancestral",
    help: "Each step adds fresh noise (Ho et al. 2020).",
    settings: [],
    timesteps: evenTimesteps,
    isNoisy: () => true,
  },
} as const satisfies Record<string, SamplerEntry>;

export type SamplerId = keyof typeof SAMPLERS;

export interface Sampler extends Partial<SamplerSettings> {
  kind: SamplerId;
}

/** Whether a sampler can draw with an objective: on the straight path there is no fresh noise. */
export function canSample(sampler: Sampler, objective: ObjectiveId): boolean {
  return !isStraight(objective) || !SAMPLERS[sampler.kind].isNoisy(sampler);
}

/** A sampler with its own among the given settings. */
export function samplerWith(kind: SamplerId, settings: SamplerSettings): Sampler {
  const { settings: own }: SamplerEntry = SAMPLERS[kind];
  return { kind, ...Object.fromEntries(own.map((name) => [name, settings[name]])) };
}

/**
 * The integer parts of `numSteps` + 1 values spread evenly over [-1, T - 1], falling, in float32 and
 * from both ends as PyTorch's linspace computes them.
 */
export function evenTimesteps(numTimesteps: number, numSteps: number): number[] {
  const step = Math.fround(numTimesteps / numSteps);
  const times = Array.from({ length: numSteps + 1 }, (_, i) =>
    i < Math.floor((numSteps + 1) / 2)
      ? Math.fround(-1 + Math.fround(i * step))
      : Math.fround(numTimesteps - 1 - Math.fround((numSteps - i) * step)),
  );
  return times.map(Math.trunc).toReversed();
}
