# %% [markdown]
# # {{title}}
#
# A diffusion model of points in the plane, trained with Diffusion MNIST. This notebook has the run in PyTorch: the points,
# the network with its weights, how it draws, and the whole training. It follows the run's settings, which are in the
# file of its weights.
#
# It needs `pip install torch numpy safetensors matplotlib`, and the file `{{file}}` beside it.

# %%
import json
import math

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn

with safe_open("{{file}}", "pt") as file:
    facts = file.metadata()
    tensors = {name: file.get_tensor(name) for name in file.keys()}
config = json.loads(facts["config"])

def part(prefix):
    """The tensors whose names begin with the prefix, by the rest of their names."""
    return {name[len(prefix):]: tensors[name] for name in tensors if name.startswith(prefix)}

T = config["timesteps"]
STEPS = int(facts["step"])
data, labels = tensors["train.points"], tensors["train.labels"].long()  # [N, 2], [N]
EDGE = 1.2 * data.abs().max().item()  # Of the pictures.
torch.manual_seed(config["seed"])
print(f"Trained on {len(data):,} points, {json.loads(facts['dataset'])['name']}, for {STEPS:,} steps")

# %% [markdown]
# ## The noise levels
#
# At each of the T timesteps a point x_0 is mixed with noise: x_t = signal x_0 + noise ε. A noise schedule gives the
# variance β that each timestep adds (Ho et al. 2020, equation 4). Flow matching goes along a straight line instead
# (Lipman et al. 2023).

# %%
def betas_of(alpha_bar):
    share = torch.linspace(0, 1, T + 1, dtype=torch.float64)
    return (1 - alpha_bar(share[1:]) / alpha_bar(share[:-1])).clamp(0, 0.999)

BETA_SCHEDULES = {
    "sigmoid": lambda: betas_of(lambda share: torch.sigmoid(3 - 6 * share) - 1 / (1 + math.exp(3))),
    "cosine": lambda: betas_of(lambda share: torch.cos((share + 0.008) / 1.008 * math.pi / 2) ** 2),
    "linear": lambda: torch.linspace(0.1 / T, 20 / T, T, dtype=torch.float64),
}

if config["objective"] == "flow":
    noise_at = torch.arange(1, T + 1, dtype=torch.float64) / T
    signal_at = 1 - noise_at
else:
    alpha_bars = torch.cumprod(1 - BETA_SCHEDULES[config["betaSchedule"]](), dim=0)
    signal_at, noise_at = alpha_bars.sqrt(), (1 - alpha_bars).sqrt()

# What the network predicts, the x_0 that follows from a prediction p of x, and the library's weight of the squared error
# from the signal-to-noise ratio, of which `capped` has an upper bound (Hang et al. 2023).
OBJECTIVES = {
    "v": (
        lambda x_0, eps, signal, noise: signal * eps - noise * x_0,
        lambda x, p, signal, noise: signal * x - noise * p,
        lambda snr, capped: capped / (snr + 1),
    ),
    "noise": (
        lambda x_0, eps, signal, noise: eps,
        lambda x, p, signal, noise: (x - noise * p) / signal,
        lambda snr, capped: capped / snr,
    ),
    "x0": (
        lambda x_0, eps, signal, noise: x_0,
        lambda x, p, signal, noise: p,
        lambda snr, capped: capped,
    ),
    "flow": (
        lambda x_0, eps, signal, noise: eps - x_0,
        lambda x, p, signal, noise: x - noise * p,
        lambda snr, capped: torch.ones_like(snr),
    ),
}
target_of, start_of, weight_of = OBJECTIVES[config["objective"]]

snr = (signal_at / noise_at) ** 2
capped = snr.clamp(max=config["minSnrGamma"]) if config["minSnrGamma"] > 0 else snr

# [T]
LOSS_WEIGHTS = {
    "library": lambda: weight_of(snr, capped),
    "none": lambda: torch.ones_like(snr),
}
loss_weight = LOSS_WEIGHTS[config["lossWeight"]]().float()
signal_at, noise_at = signal_at.float(), noise_at.float()

# %% [markdown]
# ## The network
#
# A multilayer perceptron with residual blocks (He et al. 2016), each of which is told the timestep, and the class where the
# network knows classes. The weights of the page fit name for name.

# %%
class Sinusoids(nn.Module):
    """Sines and cosines of the timesteps (Vaswani et al. 2017), [B] to [B, 32]."""

    def forward(self, t):
        angles = t[:, None] * torch.exp(torch.arange(16) * -(math.log(10000) / 15))
        return torch.cat([angles.sin(), angles.cos()], dim=1)

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, width)
        self.time = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)

    def forward(self, h, condition):
        return h + self.fc2(F.silu(self.fc1(F.silu(h)) + self.time(F.silu(condition))))

class PlaneNet(nn.Module):
    def __init__(self, width, depth, classes):
        super().__init__()
        self.classes = classes
        self.inp = nn.Linear(2, width)
        self.time_mlp = nn.Sequential(Sinusoids(), nn.Linear(32, width), nn.GELU(), nn.Linear(width, width))
        self.blocks = nn.ModuleList(Block(width) for _ in range(depth))
        self.out = nn.Linear(width, 2)
        if classes > 0:
            self.label_emb = nn.Embedding(classes + 1, width)  # The last one means "no label".

    def forward(self, x, t, label):
        """Points [B, 2], timesteps [B] and labels [B], which a network without classes is not told."""
        condition = self.time_mlp(t)
        if self.classes > 0:
            condition = condition + self.label_emb(label)
        h = self.inp(x)
        for block in self.blocks:
            h = block(h, condition)
        return self.out(F.silu(h))

net = PlaneNet(config["width"], config["depth"], config["classes"])
net.load_state_dict(part("weights."), strict=True)
print(f"{sum(p.numel() for p in net.parameters()):,} parameters")

# %% [markdown]
# ## What it draws
#
# From noise, with DDIM without fresh noise (Song et al. 2021), which for flow is Euler's method. The steps are even in t,
# whatever sampler the run has. A network that knows classes is asked for those of the data, with the run's guidance (Ho and
# Salimans 2022).

# %%
BOUND = 4  # A predicted x_0 is clipped to it, as on the page, but not with flow.

def predict(x, t, label):
    """The network's answer, with guidance where the run has it; all points [B, 2] are at timestep t."""
    times = torch.full((len(x),), t)
    if config["classes"] == 0 or config["guidance"] == 1:
        return net(x, times, label)
    asked, unasked = net(x, times, label), net(x, times, torch.full_like(label, config["classes"]))
    return unasked + config["guidance"] * (asked - unasked)

@torch.no_grad()
def step(x, t, t_next, label):
    """The points at another timestep; -1 is without noise."""
    x_0 = start_of(x, predict(x, t, label), signal_at[t], noise_at[t])
    if config["objective"] != "flow":
        x_0 = x_0.clamp(-BOUND, BOUND)
    if t_next < 0:
        return x_0
    eps = (x - signal_at[t] * x_0) / noise_at[t]
    return signal_at[t_next] * x_0 + noise_at[t_next] * eps

def draw(x, label):
    """From noise, [B, 2]."""
    times = torch.linspace(-1, T - 1, config["samplingTimesteps"] + 1).int().flip(0).tolist()
    for t, t_next in zip(times, times[1:]):
        x = step(x, t, t_next, label)
    return x

def show(pictures):
    """Points [N, 2] and their labels, by their titles."""
    _, axes = plt.subplots(1, len(pictures), figsize=(4 * len(pictures), 4), sharex=True, sharey=True)
    for axis, (title, (points, label)) in zip(axes, pictures.items()):
        axis.scatter(*points.T, s=2, c=label, cmap="tab10", vmin=0, vmax=9)
        axis.set(title=title, aspect="equal", xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE))
    plt.show()

seen = labels[torch.randint(len(labels), (2000,))]
drawn = draw(torch.randn(2000, 2), seen)
color = seen if config["classes"] > 0 else torch.zeros_like(seen)
show({"data": (data[:2000], labels[:2000]), "drawn": (drawn, color)})

# %% [markdown]
# ## The field that it has learned
#
# From each place an arrow shows where a twentieth of the way leads, from much noise to little. Without a label where
# the network knows classes.

# %%
side = torch.linspace(-EDGE, EDGE, 21)
grid = torch.cartesian_prod(side, side)
no_label = torch.full((len(grid),), config["classes"])
figure, axes = plt.subplots(1, 3, figsize=(12, 4), sharey=True)
for axis, share in zip(axes, (0.9, 0.5, 0.1)):
    t = int(share * T)
    arrows = step(grid, t, t - max(1, T // 20), no_label) - grid
    axis.scatter(*data[:1000].T, s=1, color="lightgray")
    axis.quiver(*grid.T, *arrows.T, angles="xy")
    axis.set(title=f"t = {t}", aspect="equal")
plt.show()

# %% [markdown]
# ## The training
#
# From the weights that the run began with, with its settings, for as many steps. PyTorch draws its own random numbers: the
# order of the points, the timesteps and the noise are others than the page's, so that the losses agree on average, not
# step by step. A run that began with weights of a file does not have them, and begins here with random ones.

# %%
BATCH = config["batchSize"] * config["gradientAccumulation"]
total_steps = config["epochs"] * int(facts["stepsPerEpoch"])

TIMESTEP_SAMPLINGS = {
    "uniform": lambda count: torch.randint(T, (count,)),
    "logitNormal": lambda count: (T * torch.sigmoid(torch.randn(count))).long(),
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

def learning_rate(step):
    """Of a step, counted from 1: linear warm-up, then the decay."""
    if step <= config["warmupSteps"]:
        return config["learningRate"] * step / config["warmupSteps"]
    share = min(1, (step - 1 - config["warmupSteps"]) / (total_steps - config["warmupSteps"]))
    return config["learningRate"] * LR_DECAYS[config["lrDecay"]](share)

def batches():
    """The indices of each batch; in every epoch the points have another order."""
    while True:
        yield from torch.randperm(len(data)).split(BATCH)

def loss_of(chosen):
    """The mean loss of the points with these indices, each with its own noise and timestep."""
    x_0, label = data[chosen], labels[chosen]
    if config["classes"] > 0:
        is_dropped = torch.rand(len(chosen)) < config["labelDropout"]
        label = torch.where(is_dropped, config["classes"], label)
    t = TIMESTEP_SAMPLINGS[config["timestepSampling"]](len(chosen))
    signal, noise = signal_at[t, None], noise_at[t, None]
    eps = torch.randn_like(x_0)
    prediction = net(signal * x_0 + noise * eps, t, label)
    error = (prediction - target_of(x_0, eps, signal, noise)).square().mean(dim=1)
    return (loss_weight[t] * error).mean()

def follow(average, step):
    """The moving average of the weights takes a part of those after a step, counted from 0."""
    decay = min(1 - (1 + max(0, step - config["emaUpdateAfter"])) ** (-2 / 3), config["emaDecay"])
    for name, value in net.state_dict().items():
        average[name].lerp_(value, 1 - decay)

net = PlaneNet(config["width"], config["depth"], config["classes"])
if part("start."):
    net.load_state_dict(part("start."), strict=True)
optimizer = OPTIMIZERS[config["optimizer"]]()
average = {name: value.clone() for name, value in net.state_dict().items()}
losses = []
for i, chosen in zip(range(STEPS), batches()):
    loss = loss_of(chosen)
    optimizer.zero_grad()
    loss.backward()
    if config["maxGradNorm"] > 0:
        nn.utils.clip_grad_norm_(net.parameters(), config["maxGradNorm"])
    optimizer.param_groups[0]["lr"] = learning_rate(i + 1)
    optimizer.step()
    if config["emaDecay"] > 0 and i % config["emaUpdateEvery"] == 0:
        follow(average, i)
    losses.append(loss.item())

# %% [markdown]
# ## The losses, with those that the page recorded
#
# Each step, and the mean of the last quarter.

# %%
recorded = tensors["history.loss"]
plt.plot(tensors["history.step"], recorded, linewidth=0.5, label="page")
plt.plot(range(1, STEPS + 1), losses, linewidth=0.5, label="PyTorch")
plt.yscale("log")
plt.xlabel("step")
plt.ylabel("loss")
plt.legend()
plt.show()
page, pytorch = (torch.as_tensor(of)[-math.ceil(STEPS / 4):].mean() for of in (recorded, losses))
print(f"mean loss of the last quarter  page {page:.4f}  PyTorch {pytorch:.4f}")

# %% [markdown]
# ## What the new weights draw
#
# With the moving average, where the run has one. Drop the saved file, which has the settings too, onto the page to draw
# with it there.

# %%
if config["emaDecay"] > 0:
    net.load_state_dict(average)
again = draw(torch.randn(2000, 2), seen)
show({"data": (data[:2000], labels[:2000]), "page": (drawn, color), "PyTorch": (again, color)})
save_file(net.state_dict(), "from-pytorch.safetensors", {"format": "pt", "config": facts["config"]})
