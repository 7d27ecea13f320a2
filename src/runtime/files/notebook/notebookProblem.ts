import { HYPERPARAMETERS, type RunConfig } from "../../../engine/config/hyperparameters.ts";

type Choice =
  | ("objective" | "betaSchedule" | "lossWeight")
  | ("timestepSampling" | "optimizer" | "lrDecay");

/** The entries of the tables that `notebook.py` has in Python. A run with another has no notebook. */
export const IN_NOTEBOOK: { [Name in Choice]: readonly RunConfig[Name][] } = {
  objective: ["v", "noise", "x0"],
  betaSchedule: ["sigmoid", "cosine", "linear"],
  lossWeight: ["library", "none"],
  timestepSampling: ["uniform", "logitNormal"],
  optimizer: ["adamw"],
  lrDecay: ["constant", "cosine"],
};

const CHOICES = Object.keys(IN_NOTEBOOK) as Choice[];

/** Why a run cannot be trained with PyTorch's library, in a sentence for the person; null when it can. */
export function notebookProblem(config: RunConfig): string | null {
  if (config.distilFrom > 0) {
    return "Not for this run: denoising_diffusion_pytorch has no distillation.";
  }
  const missing = CHOICES.find((name) => !isInNotebook(name, config));
  if (!missing) return null;
  const { label, options } = HYPERPARAMETERS[missing];
  const chosen: Record<string, { label: string }> = options;
  return `Not for this run: a notebook cannot train with the ${label.toLowerCase()} ${chosen[config[missing]]?.label}.`;
}

function isInNotebook<Name extends Choice>(name: Name, config: RunConfig): boolean {
  return IN_NOTEBOOK[name].includes(config[name]);
}
