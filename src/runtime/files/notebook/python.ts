/** Those entries of the tables that PyTorch and its library have, in Python. A run with another has no notebook. */
import { HYPERPARAMETERS, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import type { DatasetId } from "../../../engine/data/datasets.ts";

/** Python for the choices of a run's settings. */
interface Python {
  objective: {
    /** What the library calls it. */
    name: string;
    target: string;
    /** x_0 of a prediction. */
    start: string;
  };
  /** What the library calls it. */
  betaSchedule: string;
  /** `[T]` */
  lossWeight: string;
  /** The timesteps of a training step, `[BATCH]`. */
  timestepSampling: string;
  optimizer: string;
  /** Factor of the learning rate, from `share`. */
  lrDecay: string;
}

type Choice = keyof Python;
const PYTHON: { [Name in Choice]: Partial<Record<RunConfig[Name], Python[Name]>> } = {
  objective: {
    v: {
      name: "pred_v",
      target: "diffusion.predict_v(x_0, t, noise)",
      start: "diffusion.predict_start_from_v(x_t, t, prediction)",
    },
    noise: {
      name: "pred_noise",
      target: "noise",
      start: "diffusion.predict_start_from_noise(x_t, t, prediction)",
    },
    x0: { name: "pred_x0", target: "x_0", start: "prediction" },
  },
  betaSchedule: { sigmoid: "sigmoid", cosine: "cosine", linear: "linear" },
  lossWeight: { library: "diffusion.loss_weight", none: 'torch.ones(config["timesteps"])' },
  timestepSampling: {
    uniform: `np.floor(words("timesteps", step, BATCH)[0] / 2**32 * config["timesteps"])`,
    logitNormal: `np.floor(config["timesteps"] / (1 + np.exp(-normals("timestepNormals", step, BATCH)[0])))`,
  },
  optimizer: {
    adamw: `torch.optim.AdamW(
        net.parameters(), betas=(config["beta1"], config["beta2"]),
        eps=config["adamEps"], weight_decay=config["weightDecay"],
    )`,
  },
  lrDecay: { constant: "1", cosine: "(1 + math.cos(math.pi * share)) / 2" },
};

const CHOICES = Object.keys(PYTHON) as Choice[];

/** Datasets that torchvision has, by its names. */
export const TORCHVISION: Partial<Record<DatasetId, string>> = { mnist: "MNIST" };

/** @param config of a run without `notebookProblem` */
export function pythonOf(config: RunConfig): Python {
  return Object.fromEntries(
    CHOICES.map((name) => [name, lookedUp(name, config)]),
  ) as unknown as Python;
}

function lookedUp<Name extends Choice>(name: Name, config: RunConfig): Python[Name] | undefined {
  return PYTHON[name][config[name]];
}

/** Why a run cannot be trained with PyTorch's library, in a sentence for the person; null when it can. */
export function notebookProblem(config: RunConfig): string | null {
  if (config.distilFrom > 0) {
    return "Not for this run: denoising_diffusion_pytorch has no distillation.";
  }
  const missing = CHOICES.find((name) => !lookedUp(name, config));
  if (!missing) return null;
  const { label, options } = HYPERPARAMETERS[missing];
  const chosen: Record<string, { label: string }> = options;
  return `Not for this run: a notebook cannot train with the ${label.toLowerCase()} ${chosen[config[missing]]?.label}.`;
}
