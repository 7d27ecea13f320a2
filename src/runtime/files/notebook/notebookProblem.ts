import { HYPERPARAMETERS, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";

type Choice =
  | ("objective" | "betaSchedule" | "lossWeight")
  | ("timestepSampling" | "optimizer" | "lrDecay");

type Choices = { [Name in Choice]: readonly RunConfig[Name][] };

const OF_IMAGES: Choices = {
  objective: ["v", "noise", "x0"],
  betaSchedule: ["sigmoid", "cosine", "linear"],
  lossWeight: ["library", "none"],
  timestepSampling: ["uniform", "logitNormal"],
  optimizer: ["adamw"],
  lrDecay: ["constant", "cosine"],
};

/**
 * The entries of the tables that the notebooks have in Python: `notebook.py` for images, `points.py` for points. A run with
 * another has no notebook. The sampler is not among them: both draw with DDIM, whatever the run draws with.
 */
export const IN_NOTEBOOK: Record<"images" | "points", Choices> = {
  images: OF_IMAGES,
  points: { ...OF_IMAGES, objective: ["v", "noise", "x0", "flow"] },
};

const CHOICES = Object.keys(OF_IMAGES) as Choice[];

/** Why a run cannot be trained with PyTorch in a notebook, in a sentence for the person; null when it can. */
export function notebookProblem(config: RunConfig): string | null {
  const isOfPoints = takesPoints(config);
  if (config.distilFrom > 0) {
    const lacking = isOfPoints ? "a notebook of points" : "denoising_diffusion_pytorch";
    return `Not for this run: ${lacking} has no distillation.`;
  }
  if (config.reflowSteps > 0) {
    return "Not for this run: a notebook trains on data, not on what another network draws.";
  }
  const table = isOfPoints ? IN_NOTEBOOK.points : IN_NOTEBOOK.images;
  const missing = CHOICES.find((name) => !isIn(table, name, config));
  if (!missing) return null;
  const { label, options } = HYPERPARAMETERS[missing];
  const chosen: Record<string, { label: string }> = options;
  return `Not for this run: a notebook cannot train with the ${label.toLowerCase()} ${chosen[config[missing]]?.label}.`;
}

function isIn<Name extends Choice>(table: Choices, name: Name, config: RunConfig): boolean {
  return table[name].includes(config[name]);
}
