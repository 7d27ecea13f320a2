import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { formatCount } from "../../format.ts";
import type { RunRecord } from "../../storage/records.ts";
import { pythonOf } from "./python.ts";
import {
  code,
  markdown,
  type NotebookCell,
  plain,
  randomNumbers,
  training,
} from "./trainingCells.ts";

interface NotebookFacts {
  record: RunRecord;
  /** Name of the safetensors file beside the notebook. */
  fileName: string;
  /** Whether that has the weights that the run began with. */
  hasStart: boolean;
}

/** The cells of a run's notebook: its text for the reader, and Python. */
export function notebookCells({ record, fileName, hasStart }: NotebookFacts): NotebookCell[] {
  const { config } = record;
  return [
    ...introduction(record, fileName),
    ...network(config),
    ...sampling(config),
    ...randomNumbers(config),
    ...training(record),
    ...(hasStart ? [...comparison(config), ...curves()] : curves()),
    ...onward(hasStart),
  ];
}

function introduction({ name, config, step, dataset }: RunRecord, file: string): NotebookCell[] {
  return [
    markdown(`
# ${plain(name)}

A denoising diffusion model of ${plain(dataset.name)}, trained for ${formatCount(step)} steps of
${config.batchSize * config.gradientAccumulation} images with Diffusion MNIST. This notebook has the whole run in PyTorch: the network with its
weights, the digits that it draws, the training with the same random numbers, and the losses that the page
recorded.

It needs \`pip install denoising_diffusion_pytorch safetensors matplotlib torchvision\`, and the file
\`${file}\` beside it.`),
    code(`
import json
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from denoising_diffusion_pytorch import GaussianDiffusion, Unet
from safetensors import safe_open

device = "cuda" if torch.cuda.is_available() else "cpu"

with safe_open(${JSON.stringify(file)}, "pt") as file:
    config = json.loads(file.metadata()["config"])
    tensors = {name: file.get_tensor(name) for name in file.keys()}

def part(prefix):
    """The tensors whose names begin with the prefix, by the rest of their names."""
    return {name[len(prefix):]: tensors[name] for name in tensors if name.startswith(prefix)}

print(config)`),
  ];
}

function network(config: RunConfig): NotebookCell[] {
  const unet = `dim=config["dim"], dim_mults=config["dimMults"], channels=1, dropout=config["dropout"],
    attn_heads=config["attnHeads"], attn_dim_head=config["attnDimHead"],
    self_condition=config["selfCondition"], flash_attn=False,`;
  const labeled = code(`
class LabeledUnet(Unet):
    """The library's network, which is also told the digit; the last label means "no label"."""

    def __init__(self, classes, **settings):
        super().__init__(**settings)
        self.label_emb = torch.nn.Embedding(classes + 1, self.time_mlp[-1].out_features)
        self.time_mlp.register_forward_hook(lambda mlp, x, time: time + self.label_emb(self.labels))
        self.guidance = 1.0

    def forward(self, x, time, x_self_cond=None):
        if self.training or self.guidance == 1:
            return super().forward(x, time, x_self_cond)
        asked = self.labels
        answer = super().forward(x, time, x_self_cond)
        self.labels = torch.full_like(asked, self.label_emb.num_embeddings - 1)
        unasked = super().forward(x, time, x_self_cond)
        self.labels = asked
        return unasked + self.guidance * (answer - unasked)`);
  const create =
    config.classes > 0
      ? `net = LabeledUnet(
    config["classes"],
    ${unet}
)`
      : `net = Unet(
    ${unet}
)`;
  const { objective, betaSchedule, lossWeight } = pythonOf(config);
  return [
    markdown(`
## The network and the diffusion

${config.classes > 0 ? "The network is the library's with an embedding of labels; guidance mixes its answers with and without one (Ho and Salimans 2022)." : "Both are the library's own."} The weights fit name for name.`),
    ...(config.classes > 0 ? [labeled] : []),
    code(`
${create}
net.load_state_dict(part("weights."), strict=True)
net.to(device)

diffusion = GaussianDiffusion(
    net, image_size=28, timesteps=config["timesteps"], beta_schedule="${betaSchedule}",
    objective="${objective.name}", sampling_timesteps=min(50, config["timesteps"]),
    min_snr_loss_weight=config["minSnrGamma"] > 0, min_snr_gamma=config["minSnrGamma"] or 5,
).to(device)
loss_weight = ${lossWeight}.to(device)
print(f"{sum(p.numel() for p in net.parameters()):,} parameters")`),
  ];
}

function sampling({ classes }: RunConfig): NotebookCell[] {
  const ask =
    classes > 0
      ? `net.labels = torch.arange(40, device=device) % config["classes"]
net.guidance = max(1.5, config["guidance"])
`
      : "";
  return [
    markdown("## What it draws\n\nWith DDIM in 50 steps, the library's fast sampler."),
    code(`
def show(digits):
    rows = digits.reshape(4, 10, 28, 28).permute(0, 2, 1, 3).reshape(4 * 28, 10 * 28)
    plt.imshow(rows.cpu(), cmap="gray", vmin=0, vmax=1)
    plt.axis("off")
    plt.show()

net.eval()
${ask}show(diffusion.sample(40))`),
  ];
}

function comparison({ dropout }: RunConfig): NotebookCell[] {
  const agreement =
    dropout > 0
      ? "Dropout is the one thing that differs: PyTorch draws its own masks."
      : "They agree up to rounding.";
  return [
    markdown(`
## The same training, again

From the weights that the run began with, the first 20 steps. ${agreement}`),
    code(`
net.load_state_dict(part("start."), strict=True)
recorded = tensors["history.loss"][:20].tolist()
again, _ = train(0, len(recorded))
for step, (browser, pytorch) in enumerate(zip(recorded, again), 1):
    print(f"step {step:2}  browser {browser:.6f}  PyTorch {pytorch:.6f}")
print(f"largest difference {max(abs(a - b) for a, b in zip(recorded, again)):.1e}")`),
  ];
}

function curves(): NotebookCell[] {
  return [
    markdown("## The losses that the page recorded"),
    code(`
plt.plot(tensors["history.step"], tensors["history.loss"], linewidth=0.5, alpha=0.6, label="training, each step")
plt.plot(tensors["history.epochStep"], tensors["history.validationLoss"], marker="o", label="validation")
plt.yscale("log")
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()`),
  ];
}

function onward(hasStart: boolean): NotebookCell[] {
  return [
    markdown(`
## Go on

From the weights that the page exported, with a new optimizer and a learning rate of 1e-4, or any of yours.${
      hasStart
        ? ""
        : " The run itself began with weights of a file that it does not have, so its first steps cannot be repeated here."
    }
Drop the saved file onto the page to draw with it there.`),
    code(`
from safetensors.torch import save_file

net.load_state_dict(part("weights."), strict=True)
config["learningRate"], config["warmupSteps"] = 1e-4, 0
TOTAL_STEPS = math.inf
last = int(tensors["history.step"][-1])
losses, average = train(last, last + 20)
print(f"mean loss of 20 more steps {np.mean(losses):.4f}")
save_file({name: value.contiguous() for name, value in average.items()}, "from-pytorch.safetensors")`),
  ];
}
