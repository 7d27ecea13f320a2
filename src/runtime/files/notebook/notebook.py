# %% [markdown]
# # {{title}}
#
# A denoising diffusion model, trained with Diffusion MNIST. This notebook has the whole run in PyTorch: the network
# with its weights, the {{noun}}s that it draws, the training with the same random numbers, and the losses that the page
# recorded. It follows the run's settings, which are in the file of its weights.
#
# It needs `pip install denoising_diffusion_pytorch safetensors matplotlib torchvision`, and the file
# `{{file}}` beside it.

# %%
import json
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from denoising_diffusion_pytorch import GaussianDiffusion, Unet
from safetensors import safe_open

device = "cuda" if torch.cuda.is_available() else "cpu"

with safe_open("{{file}}", "pt") as file:
    facts = file.metadata()
    tensors = {name: file.get_tensor(name) for name in file.keys()}
config = json.loads(facts["config"])
dataset = json.loads(facts["dataset"])

def part(prefix):
    """The tensors whose names begin with the prefix, by the rest of their names."""
    return {name[len(prefix):]: tensors[name] for name in tensors if name.startswith(prefix)}

BATCH = config["batchSize"] * config["gradientAccumulation"]
STEPS_PER_EPOCH = int(facts["stepsPerEpoch"])
print(f"Trained on {dataset['name']} for {int(facts['step']):,} steps of {BATCH} images, with {config}")

# %% [markdown]
# ## The network and the diffusion
#
# Both are the library's own, and the weights fit name for name. A network that knows the classes is the library's with
# an embedding of labels; guidance mixes its answers with and without one (Ho and Salimans 2022).

# %%
class LabeledUnet(Unet):
    """The library's network, which is also told the {{class}}; the last label means "no label"."""

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
        return unasked + self.guidance * (answer - unasked)

# For each objective its name in the library, what is predicted, and x_0 of a prediction.
OBJECTIVES = {
    "v": (
        "pred_v",
        lambda x_0, t, noise: diffusion.predict_v(x_0, t, noise),
        lambda x_t, t, prediction: diffusion.predict_start_from_v(x_t, t, prediction),
    ),
    "noise": (
        "pred_noise",
        lambda x_0, t, noise: noise,
        lambda x_t, t, prediction: diffusion.predict_start_from_noise(x_t, t, prediction),
    ),
    "x0": (
        "pred_x0",
        lambda x_0, t, noise: x_0,
        lambda x_t, t, prediction: prediction,
    ),
}
objective, target_of, start_of = OBJECTIVES[config["objective"]]

BETA_SCHEDULES = {
    "sigmoid": "sigmoid",
    "cosine": "cosine",
    "linear": "linear",
}

# [T]
LOSS_WEIGHTS = {
    "library": lambda: diffusion.loss_weight,
    "none": lambda: torch.ones(config["timesteps"]),
}

settings = dict(
    dim=config["dim"], dim_mults=config["dimMults"], channels=1, dropout=config["dropout"],
    attn_heads=config["attnHeads"], attn_dim_head=config["attnDimHead"],
    self_condition=config["selfCondition"], flash_attn=False,
)
net = LabeledUnet(config["classes"], **settings) if config["classes"] > 0 else Unet(**settings)
net.load_state_dict(part("weights."), strict=True)
net.to(device)

diffusion = GaussianDiffusion(
    net, image_size=28, timesteps=config["timesteps"], beta_schedule=BETA_SCHEDULES[config["betaSchedule"]],
    objective=objective, sampling_timesteps=min(50, config["timesteps"]),
    min_snr_loss_weight=config["minSnrGamma"] > 0, min_snr_gamma=config["minSnrGamma"] or 5,
).to(device)
loss_weight = LOSS_WEIGHTS[config["lossWeight"]]().to(device)
print(f"{sum(p.numel() for p in net.parameters()):,} parameters")

# %% [markdown]
# ## What it draws
#
# With DDIM in 50 steps, the library's fast sampler.

# %%
def show(digits):
    names = dataset.get("classNames")
    if names and config["classes"] > 0:
        figure, axes = plt.subplots(4, 10, figsize=(12, 6))
        for place, axis in enumerate(axes.flat):
            axis.imshow(digits[place, 0].cpu(), cmap="gray", vmin=0, vmax=1)
            axis.set_title(names[place % config["classes"]], fontsize=8)
            axis.axis("off")
        plt.show()
        return
    rows = digits.reshape(4, 10, 28, 28).permute(0, 2, 1, 3).reshape(4 * 28, 10 * 28)
    plt.imshow(rows.cpu(), cmap="gray", vmin=0, vmax=1)
    plt.axis("off")
    plt.show()

net.eval()
if config["classes"] > 0:
    net.labels = torch.arange(40, device=device) % config["classes"]
    net.guidance = max(1.5, config["guidance"])
show(diffusion.sample(40))

# %% [markdown]
# ## The random numbers of the training
#
# Each is a function of the seed, what it is for, and the step: Threefry-2x32 with 20 rounds (Salmon et al.
# 2011, "Parallel random numbers: as easy as 1, 2, 3"). So PyTorch can train with the batches and the noise
# that the browser had.

# %%
STREAMS = {
    "shuffle": 2,
    "timesteps": 3,
    "noise": 4,
    "offsetNoise": 7,
    "selfCondition": 8,
    "labelDropout": 15,
    "timestepNormals": 16,
}
ROTATIONS = np.array([13, 15, 26, 6, 17, 29, 16, 24], dtype=np.uint32)

def threefry(key0, key1, x0, x1):
    keys = [key0, key1, key0 ^ key1 ^ np.uint32(0x1BD11BDA)]
    x0, x1 = x0 + keys[0], x1 + keys[1]
    for i in range(20):
        rotation = ROTATIONS[i % 8]
        x0 = x0 + x1
        x1 = (x1 << rotation | x1 >> (32 - rotation)) ^ x0
        if i % 4 == 3:
            n = i // 4 + 1
            x0, x1 = x0 + keys[n % 3], x1 + keys[(n + 1) % 3] + np.uint32(n)
    return x0, x1

def words(stream, index, length):
    """32-bit words for each index, [len(index), length]."""
    index = np.atleast_1d(np.asarray(index, dtype=np.uint64))[:, None]
    low, high = index.astype(np.uint32), (index >> np.uint64(32)).astype(np.uint32)
    seed = np.array([[config["seed"] % 2**32]], dtype=np.uint32)
    key0, key1 = threefry(seed, np.array([[STREAMS[stream]]], dtype=np.uint32), low, high)
    counter = np.arange((length + 1) // 2, dtype=np.uint32)[None]
    pair = threefry(key0, key1, counter, np.zeros_like(counter))
    return np.stack(pair, axis=-1).reshape(len(index), -1)[:, :length]

def uniforms(stream, index, length):
    return ((words(stream, index, length) >> np.uint32(9)) + 0.5) / 2**23

def normals(stream, index, length):
    """Box and Muller 1958."""
    u = uniforms(stream, index, length + length % 2).reshape(-1, (length + 1) // 2, 2)
    radius, angle = np.sqrt(-2 * np.log(u[..., 0])), 2 * np.pi * u[..., 1]
    pair = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return pair.reshape(len(pair), -1)[:, :length].astype(np.float32)

# %% [markdown]
# ## The training
#
# Each image has its own noise and timestep, as in the browser. MNIST comes with torchvision; for a run on other images
# put the paths of their IDX files, those of the training part, in place of these two.

# %%
import gzip

TORCHVISION = {
    "mnist": "MNIST",
}

def idx(path, header):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        return np.frombuffer(file.read(), dtype=np.uint8, offset=header)

if dataset["id"] in TORCHVISION:
    import torchvision

    data = getattr(torchvision.datasets, TORCHVISION[dataset["id"]])("data", train=True, download=True)
    images, labels = data.data.numpy(), data.targets.numpy()
else:
    images = idx("train-images-idx3-ubyte", 16).reshape(-1, 28, 28)
    labels = idx("train-labels-idx1-ubyte", 8).astype(np.int64)
images = images.astype(np.float32) / 255 * 2 - 1

# %%
total_steps = config["epochs"] * STEPS_PER_EPOCH

# The timesteps of a training step, counted from 0, [BATCH].
TIMESTEP_SAMPLINGS = {
    "uniform": lambda step: words("timesteps", step, BATCH)[0] / 2**32 * config["timesteps"],
    "logitNormal": lambda step: config["timesteps"] / (1 + np.exp(-normals("timestepNormals", step, BATCH)[0])),
}

OPTIMIZERS = {
    "adamw": lambda: torch.optim.AdamW(
        net.parameters(), betas=(config["beta1"], config["beta2"]),
        eps=config["adamEps"], weight_decay=config["weightDecay"],
    ),
}

# The factor of the learning rate, from the share of steps after the warm-up that are done.
LR_DECAYS = {
    "constant": lambda share: 1,
    "cosine": lambda share: (1 + math.cos(math.pi * share)) / 2,
}

def order_of(epoch):
    """Fisher and Yates."""
    order = np.arange(len(images))
    below = np.floor(words("shuffle", epoch, len(images))[0] / 2**32 * np.arange(1, len(images) + 1))
    for i, j in zip(range(len(images) - 1, 0, -1), below[:0:-1].astype(int)):
        order[i], order[j] = order[j], order[i]
    return order

orders = {}

def loss_of(step):
    """The mean loss of a training step, counted from 0."""
    epoch, place = divmod(step, STEPS_PER_EPOCH)
    if epoch not in orders:
        orders[epoch] = order_of(epoch)
    chosen = orders[epoch][place * BATCH : (place + 1) * BATCH]
    of_images = step * 2**16 + np.arange(len(chosen))
    noise = normals("noise", of_images, 28 * 28)
    if config["offsetNoise"] > 0:
        noise = noise + config["offsetNoise"] * normals("offsetNoise", of_images, 1)
    if config["classes"] > 0:
        is_dropped = uniforms("labelDropout", step, BATCH)[0][: len(chosen)] < config["labelDropout"]
        net.labels = torch.as_tensor(np.where(is_dropped, config["classes"], labels[chosen]), device=device)
    x_0, noise = (torch.as_tensor(a, dtype=torch.float32, device=device).reshape(-1, 1, 28, 28) for a in (images[chosen], noise))
    t = np.floor(TIMESTEP_SAMPLINGS[config["timestepSampling"]](step))[: len(chosen)]
    t = torch.as_tensor(t, dtype=torch.long, device=device)
    x_t = diffusion.q_sample(x_0, t, noise)
    x_self_cond = None
    if config["selfCondition"] and uniforms("selfCondition", step, 1)[0, 0] < 0.5:
        with torch.no_grad():
            x_self_cond = start_of(x_t, t, net(x_t, t))
    prediction = net(x_t, t, x_self_cond)
    error = F.mse_loss(prediction, target_of(x_0, t, noise), reduction="none").mean(dim=(1, 2, 3))
    return (error * loss_weight[t]).mean()

def learning_rate(step):
    """Of a step, counted from 1: linear warm-up, then the decay."""
    if step <= config["warmupSteps"]:
        return config["learningRate"] * step / config["warmupSteps"]
    share = min(1, (step - 1 - config["warmupSteps"]) / (total_steps - config["warmupSteps"]))
    return config["learningRate"] * LR_DECAYS[config["lrDecay"]](share)

def follow(average, step):
    """The moving average of the weights takes a part of those after a step, counted from 0."""
    decay = min(1 - (1 + max(0, step - config["emaUpdateAfter"])) ** (-2 / 3), config["emaDecay"])
    for name, value in net.state_dict().items():
        average[name].lerp_(value, 1 - decay)

def train(first, last):
    """Steps from first to before last, with a new optimizer. Returns their losses, and the moving average or, without one, the weights."""
    optimizer = OPTIMIZERS[config["optimizer"]]()
    average = {name: value.clone() for name, value in net.state_dict().items()}
    net.train()
    losses = []
    for step in range(first, last):
        loss = loss_of(step)
        optimizer.zero_grad()
        loss.backward()
        if config["maxGradNorm"] > 0:
            torch.nn.utils.clip_grad_norm_(net.parameters(), config["maxGradNorm"])
        optimizer.param_groups[0]["lr"] = learning_rate(step + 1)
        optimizer.step()
        if config["emaDecay"] > 0 and step % config["emaUpdateEvery"] == 0:
            follow(average, step)
        losses.append(loss.item())
    net.eval()
    return losses, average if config["emaDecay"] > 0 else net.state_dict()

# %% [markdown]
# ## The same training, again
#
# From the weights that the run began with, the first 20 steps. They agree up to rounding; with dropout they differ, since
# PyTorch draws its own masks.

# %%
if part("start."):
    net.load_state_dict(part("start."), strict=True)
    recorded = tensors["history.loss"][:20].tolist()
    again, _ = train(0, len(recorded))
    for step, (browser, pytorch) in enumerate(zip(recorded, again), 1):
        print(f"step {step:2}  browser {browser:.6f}  PyTorch {pytorch:.6f}")
    print(f"largest difference {max(abs(a - b) for a, b in zip(recorded, again)):.1e}")
else:
    print("The run began with weights of a file that it does not have, so its first steps cannot be repeated here.")

# %% [markdown]
# ## The losses that the page recorded

# %%
plt.plot(tensors["history.step"], tensors["history.loss"], linewidth=0.5, alpha=0.6, label="training, each step")
plt.plot(tensors["history.epochStep"], tensors["history.validationLoss"], marker="o", label="validation")
plt.yscale("log")
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()

# %% [markdown]
# ## Go on
#
# From the weights that the page exported, with a new optimizer and a learning rate of 1e-4, or any of yours.
# Drop the saved file onto the page to draw with it there.

# %%
from safetensors.torch import save_file

net.load_state_dict(part("weights."), strict=True)
config["learningRate"], config["warmupSteps"] = 1e-4, 0
total_steps = math.inf
last = int(tensors["history.step"][-1])
losses, average = train(last, last + 20)
print(f"mean loss of 20 more steps {np.mean(losses):.4f}")
save_file({name: value.contiguous() for name, value in average.items()}, "from-pytorch.safetensors")
