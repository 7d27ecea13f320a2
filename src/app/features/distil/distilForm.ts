/** The form of a distillation. Pure. */
import {
  defaultFrom,
  distillationConfig,
  powersOfTwo,
} from "../../../engine/config/distillation.ts";
import { NEEDED_TO_SAMPLE } from "../../../engine/config/fromJson.ts";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { withNetwork } from "../../../engine/config/network.ts";
import { nextRunConfig } from "../../../engine/config/presets.ts";
import { parseValue } from "../../../engine/config/url.ts";
import { type ConfigErrors, validateNewRun } from "../../../engine/config/validate.ts";
import type { Teacher } from "../../state/slices/weights.ts";

/** Texts are as typed. */
export interface DistilForm {
  from: number;
  to: number;
  phaseSteps: string;
  learningRate: string;
  distilGuidance: string;
}

/** Values that suit a network of the preset Quick. */
const USUAL = { phaseSteps: "700", learningRate: "0.001" };

/**
 * The settings that a distillation changes: those of a stored run, or of the form with what loaded weights
 * need.
 */
export function trainedSettings({ runId, weights }: Teacher, form: RunConfig): RunConfig {
  if (runId !== null) return nextRunConfig(weights);
  const needed = weights.hasSettings
    ? NEEDED_TO_SAMPLE.map((name) => [name, weights.config[name]])
    : [];
  return { ...withNetwork(form, weights.config), ...Object.fromEntries(needed) };
}

export function firstForm(teacher: Teacher, trained: RunConfig): DistilForm {
  const from = defaultFrom(teacher.weights, trained);
  return { ...USUAL, from, to: 1, distilGuidance: String(trained.guidance) };
}

/** Numbers of steps that the last student can need. */
export function toChoices(steps: number): number[] {
  return [1, ...powersOfTwo(steps / 2)];
}

/** `32 → 16 → 8` */
export function halvings({ from, to }: Pick<DistilForm, "from" | "to">): string {
  const numPhases = Math.log2(from / to);
  return Array.from({ length: numPhases + 1 }, (_, i) => from / 2 ** i).join(" → ");
}

/** The settings of the run, and what is wrong with what was typed. */
export function distilled(
  form: DistilForm,
  trained: RunConfig,
): { config: RunConfig; errors: ConfigErrors } {
  const config = distillationConfig(trained, {
    from: form.from,
    to: form.to,
    phaseSteps: parseValue("phaseSteps", form.phaseSteps),
    learningRate: parseValue("learningRate", form.learningRate),
    guidance: parseValue("distilGuidance", form.distilGuidance),
  });
  return { config, errors: validateNewRun(config) };
}
