/** The cells of a run's notebook that train: random numbers, images, and steps as the browser takes them. */
import { NUM_PIXELS, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import type { DatasetId } from "../../../engine/data/datasets.ts";
import { DECAYS } from "../../../engine/optim/decays.ts";
import { OPTIMIZERS } from "../../../engine/optim/optimizers.ts";
import { STREAMS } from "../../../engine/random.ts";
import type { RunRecord } from "../../storage/records.ts";
import { pythonOf, TORCHVISION } from "./python.ts";

export interface NotebookCell {
  kind: "markdown" | "code";
  text: string;
}

export const markdown = (text: string): NotebookCell => ({ kind: "markdown", text: text.trim() });
export const code = (text: string): NotebookCell => ({ kind: "code", text: text.trim() });

/**
 * A text of a run, which may come from a file, within Markdown: words as they are, anything else as code, in which
 * nothing is a picture, a link or a formula.
 */
export function plain(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  const isOfWords =
    /^[\p{L}\p{M}\p{N}\p{So} ,.:;%'’"“”=+()–-]*$/u.test(line) && !/www\./i.test(line);
  return isOfWords ? line : `\` ${line.replaceAll("`", "'")} \``;
}

/** Streams of random numbers that training draws from. */
const TRAINING_STREAMS = [
  ...["shuffle", "timesteps", "timestepNormals", "noise", "offsetNoise"],
  ...["selfCondition", "labelDropout"],
] as (keyof typeof STREAMS)[];

export function randomNumbers({ seed }: RunConfig): NotebookCell[] {
  const streams = TRAINING_STREAMS.map((name) => `"${name}": ${STREAMS[name]}`).join(", ");
  return [
    markdown(`
## The random numbers of the training

Each is a function of the seed, what it is for, and the step: Threefry-2x32 with 20 rounds (Salmon et al.
2011, "Parallel random numbers: as easy as 1, 2, 3"). So PyTorch can train with the batches and the noise
that the browser had.`),
    code(`
SEED = ${seed}
STREAMS = {${streams}}
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
    seed = np.array([[SEED % 2**32]], dtype=np.uint32)
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
    return pair.reshape(len(pair), -1)[:, :length].astype(np.float32)`),
  ];
}

export function training({ config, stepsPerEpoch, dataset }: RunRecord): NotebookCell[] {
  const { offsetNoise, classes, selfCondition } = config;
  const python = pythonOf(config);
  const offset =
    offsetNoise > 0
      ? `
    noise = noise + config["offsetNoise"] * normals("offsetNoise", of_images, 1)`
      : "";
  const dropped =
    classes > 0
      ? `
    seen = np.where(uniforms("labelDropout", step, BATCH)[0][: len(chosen)] < config["labelDropout"], config["classes"], labels[chosen])
    net.labels = torch.as_tensor(seen, device=device)`
      : "";
  const conditioned = selfCondition
    ? `
    x_self_cond = None
    if uniforms("selfCondition", step, 1)[0, 0] < 0.5:
        with torch.no_grad():
            x_self_cond = start_of(x_t, t, net(x_t, t))
    prediction = net(x_t, t, x_self_cond)`
    : `
    prediction = net(x_t, t)`;
  const start = selfCondition
    ? `

def start_of(x_t, t, prediction):
    return ${python.objective.start}`
    : "";
  return [
    markdown(`
## The training

${OPTIMIZERS[config.optimizer].label}, ${config.maxGradNorm > 0 ? "gradients clipped by their norm, " : ""}${config.emaDecay > 0 ? "a moving average of the weights, " : ""}each image with its own noise and timestep, as in the browser.`),
    ...images(dataset),
    code(`
BATCH = config["batchSize"] * config["gradientAccumulation"]
STEPS_PER_EPOCH = ${stepsPerEpoch}
TOTAL_STEPS = config["epochs"] * STEPS_PER_EPOCH

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
    noise = normals("noise", of_images, ${NUM_PIXELS})${offset}
    t = ${python.timestepSampling}${dropped}
    x_0, noise = (torch.as_tensor(a, dtype=torch.float32, device=device).reshape(-1, 1, 28, 28) for a in (images[chosen], noise))
    t = torch.as_tensor(t[: len(chosen)], dtype=torch.long, device=device)
    x_t = diffusion.q_sample(x_0, t, noise)${conditioned}
    target = ${python.objective.target}
    error = F.mse_loss(prediction, target, reduction="none").mean(dim=(1, 2, 3))
    return (error * loss_weight[t]).mean()${start}

def learning_rate(step):
    """Of a step, counted from 1: linear warm-up, then ${DECAYS[config.lrDecay].label}."""
    if step <= config["warmupSteps"]:
        return config["learningRate"] * step / config["warmupSteps"]
    share = min(1, (step - 1 - config["warmupSteps"]) / (TOTAL_STEPS - config["warmupSteps"]))
    return config["learningRate"] * ${python.lrDecay}

def train(first, last):
    """Steps from first to before last, with a new optimizer. Returns their losses${config.emaDecay > 0 ? " and the moving average" : ""}."""
    optimizer = ${python.optimizer}
${
  config.emaDecay > 0
    ? `    average = {name: value.clone() for name, value in net.state_dict().items()}
`
    : ""
}    net.train()
    losses = []
    for step in range(first, last):
        loss = loss_of(step)
        optimizer.zero_grad()
        loss.backward()
        if config["maxGradNorm"] > 0:
            torch.nn.utils.clip_grad_norm_(net.parameters(), config["maxGradNorm"])
        optimizer.param_groups[0]["lr"] = learning_rate(step + 1)
        optimizer.step()
${
  config.emaDecay > 0
    ? `        if step % config["emaUpdateEvery"] == 0:
            decay = min(1 - (1 + max(0, step - config["emaUpdateAfter"])) ** (-2 / 3), config["emaDecay"])
            for name, value in net.state_dict().items():
                average[name].lerp_(value, 1 - decay)
`
    : ""
}        losses.append(loss.item())
    net.eval()
    return losses${config.emaDecay > 0 ? ", average" : ", net.state_dict()"}`),
  ];
}

function images({ id, name }: RunRecord["dataset"]): NotebookCell[] {
  const torchvision = Object.hasOwn(TORCHVISION, id) ? TORCHVISION[id as DatasetId] : undefined;
  if (torchvision) {
    return [
      code(`
from torchvision.datasets import ${torchvision}

dataset = ${torchvision}("data", train=True, download=True)
images, labels = dataset.data.numpy().astype(np.float32) / 255 * 2 - 1, dataset.targets.numpy()`),
    ];
  }
  return [
    markdown(
      `The images were those of ${plain(name)}. Put the paths of their IDX files of the training part here.`,
    ),
    code(`
import gzip

def idx(path, header):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        return np.frombuffer(file.read(), dtype=np.uint8, offset=header)

images = idx("train-images-idx3-ubyte", 16).reshape(-1, 28, 28).astype(np.float32) / 255 * 2 - 1
labels = idx("train-labels-idx1-ubyte", 8).astype(np.int64)`),
  ];
}
