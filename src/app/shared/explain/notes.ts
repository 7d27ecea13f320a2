/** The notes that explain something: `<Explain note="…" />` shows one where it is wanted. Their papers are in `papers.ts`. */
import { type ComponentType, lazy } from "react";
import { EPOCH_SAMPLES } from "../../../engine/config/epochSamples.ts";
import { METRICS } from "../../../engine/train/metrics.ts";
import { formatLoss } from "../../../runtime/format.ts";
import { ASSIGNMENT_VALIDATION_LOSS } from "../charts/series/assignmentRun.ts";
import { PAPERS, type Paper } from "./papers.ts";

// Few are looked at.
const FlowPaths = lazy(() => import("./FlowPaths.tsx"));
const NoisyDigits = lazy(() => import("./NoisyDigits.tsx"));
const SchedulePlots = lazy(() => import("./SchedulePlots.tsx"));
const VelocityAngle = lazy(() => import("./VelocityAngle.tsx"));

interface Note {
  title: string;
  /** Short sentences, in paragraphs. */
  text: readonly string[];
  papers: readonly Paper[];
  Illustration?: ComponentType;
}

const losses = ASSIGNMENT_VALIDATION_LOSS;
const [firstLoss, lastLoss] = [losses[0], losses.at(-1)].map((loss) => formatLoss(loss ?? NaN));

/** What can be explained. */
export const NOTES = {
  xt: {
    title: "xₜ, the noisy image",
    Illustration: NoisyDigits,
    text: [
      "xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε, or (1 − σₜ) x₀ + σₜ ε for flow: a digit x₀ mixed with Gaussian noise ε, nearly clean at t = 0 and nearly nothing but noise at the last step.",
      "Training draws a random t for each image and asks the network to undo the noise; sampling does so step by step, from the last t to 0.",
    ],
    papers: [PAPERS.ho2020],
  },
  x0: {
    title: "Predicted x₀",
    text: [
      "From xₜ and the network's output follows its guess of the finished digit, at every step.",
      "At high t it is blurred, the mean of all digits that this noise may have come from; it sharpens as t falls.",
    ],
    papers: [PAPERS.ho2020, PAPERS.song2021],
  },
  objective: {
    title: "What the network predicts",
    text: [
      "The noise ε, the digit x₀, v, a mixture of the two, or the flow ε − x₀: given xₜ, each can be computed from any other, and they differ in how much an error counts at each t.",
      "The setting Loss weight evens that out: with the library's weights an error of x₀ or v counts as much as the error of the noise that follows from it. Without weights every t counts the same.",
    ],
    papers: [PAPERS.ho2020, PAPERS.salimans2022],
  },
  v: {
    title: "Why v",
    Illustration: VelocityAngle,
    text: [
      "v = √ᾱₜ ε − √(1 − ᾱₜ) x₀ is where xₜ is heading as t grows, on a quarter circle from x₀ to ε.",
      "It is worth learning at every t: ε says little once xₜ is nearly all noise, and x₀ little while xₜ is nearly clean.",
    ],
    papers: [PAPERS.salimans2022],
  },
  flow: {
    title: "Flow matching",
    Illustration: FlowPaths,
    text: [
      "Flow mixes digit and noise along a straight line: xₜ = (1 − σₜ) x₀ + σₜ ε. The share of noise, σₜ = (t + 1) / T, grows evenly with t.",
      "The network predicts the direction of this line, ε − x₀, which is the same at every t. With a noise schedule, as for v, the path is a curve.",
      "Sampling starts from noise and follows the predicted direction. The straighter its path, the fewer steps it needs. It still bends: from much noise many digits are possible, and the network points to their average.",
    ],
    papers: [PAPERS.lipman2023, PAPERS.liu2023, PAPERS.esser2024],
  },
  oneLevel: {
    title: "One noise level",
    text: [
      "z = x + σε: every image gets noise of one strength, and the network learns to give the image back in one pass. It is told no t, since there is only one.",
      "The best answer is the mean of all digits that the noisy image may have come from. With little noise that is one digit, and with more noise a blurred one. From pure noise it would be the mean of all digits, but a network that has never seen so much noise need not know.",
      "So one pass is no way to draw. Diffusion takes many small ones, at all noise levels.",
    ],
    papers: [PAPERS.bengio2013, PAPERS.ho2020],
  },
  schedule: {
    title: "The noise schedule",
    Illustration: SchedulePlots,
    text: [
      "ᾱₜ is how much of the digit is left at t; the signal-to-noise ratio is ᾱₜ / (1 − ᾱₜ).",
      "The linear schedule spends many of its last steps on what is noise already; cosine and sigmoid spread the work evenly, which small images need.",
    ],
    papers: [PAPERS.nichol2021, PAPERS.jabri2022, PAPERS.kingma2021],
  },
  minSnr: {
    title: "Min-SNR",
    text: [
      "Seen as an error of the digit x₀, an image's loss weighs as much as its signal-to-noise ratio. Gamma caps this weight, so that nearly clean images, where there is little to learn, do not outweigh the rest.",
    ],
    papers: [PAPERS.hang2023],
  },
  loss: {
    title: "Which loss is good",
    text: [
      `Lower is better: with Quick about 0.1 is good. Only runs of one objective and one loss weight compare, since it is the mean squared error of the prediction: before training about 1, but 0.5 for v with the library's weights and 1.9 for flow; in the assignment, with v and its weights, ${firstLoss} after its first epoch and ${lastLoss} after its last.`,
      "It soon falls slowly, because most noise cannot be told from a digit's edge, but the digits keep improving: judge by them.",
    ],
    papers: [PAPERS.ho2020],
  },
  buckets: {
    title: "Loss by timestep",
    text: [
      "Each bar is the validation loss of images noised to that range of t, its mark that of the epoch before: a bar that ends left of it has improved.",
      "High t decides a digit's shape, low t its clean edges, so a gain at high t hardly moves the mean loss, but shows in the digits.",
    ],
    papers: [PAPERS.choi2022, PAPERS.nichol2021],
  },
  bucketLines: {
    title: "Loss by timestep, epoch by epoch",
    Illustration: NoisyDigits,
    text: [
      "Each line is the validation loss of images noised to one range of t: low t is the hardest, because so little noise is barely seen, and high t the easiest, because nearly all is noise.",
      "A line that falls is a range where the network still learns; one that rises while the training loss falls is overfitted.",
    ],
    papers: [PAPERS.nichol2021, PAPERS.choi2022],
  },
  classLines: {
    title: "Loss by class",
    text: [
      "Each line is the validation loss of the images of one class, given its label: the ten with the highest loss, where there are more.",
      "Images that look much alike, such as those of a 1, are easier to predict, so a low line does not yet mean good digits.",
    ],
    papers: [PAPERS.dhariwal2021],
  },
  timestepRuns: {
    title: "Loss by timestep, run by run",
    Illustration: NoisyDigits,
    text: [
      "Each line is one run's validation loss over how noisy the images are, after the epoch under the cursor or its last.",
      "A lower line is better at these t, as long as both runs weight the loss alike: high t decides a digit's shape, low t its clean edges.",
    ],
    papers: [PAPERS.choi2022, PAPERS.nichol2021],
  },
  gradNorm: {
    title: "Gradient norm",
    text: [
      METRICS.gradNorm.help,
      "It should fall, then stay level: spikes are hard batches, and steady growth warns of divergence.",
    ],
    papers: [PAPERS.pascanu2013],
  },
  layerNorms: {
    title: "Norms by layer",
    text: [
      "The length of the gradient, and of the weights, of each part of the network: downs and ups are its levels on the way down and up, mid is its middle. They are taken with each live validation and at the end of each epoch, the gradient's before clipping. Those of a single block are in Network: click it there.",
      "A part whose gradient falls far below that of the others hardly learns. Weights that grow without end warn of a learning rate that is too high, or of weight decay that is too low.",
    ],
    papers: [PAPERS.pascanu2013],
  },
  blockNorms: {
    title: "Norms of a block",
    text: [
      "The length of this block's gradient, before clipping, and of its weights, at each live validation and at the end of each epoch. Charts has those of all layers.",
      "A gradient far below that of other blocks means that this one hardly learns.",
    ],
    papers: [PAPERS.pascanu2013],
  },
  inside: {
    title: "Inside a block",
    text: [
      "A feature map is one channel of what a block makes of the image. Early maps respond to strokes and edges, those in the middle see the whole digit in few pixels, late ones come close to the prediction. The digit is the one chosen in Draw.",
      "Attention shows how much each head takes of every other pixel for the one you choose. With four learned memories the shares add up to 1. Linear attention computes no such weights; shown is each pixel's share of its sums.",
      "While a run trains, the pictures follow every two seconds, and a digit being drawn has at most 20 steps.",
    ],
    papers: [PAPERS.vaswani2017, PAPERS.shen2018],
  },
  epochQuality: {
    title: "Quality, epoch by epoch",
    text: [
      `A small classifier looks at ${EPOCH_SAMPLES.count} samples of the same noise: how sure it is of them, and how evenly they fall on the ten digits (entropy, 1 is even).`,
      "It can be sure of noise as well, all of it one digit: only with a high spread does its confidence say that digits are drawn.",
    ],
    papers: [PAPERS.heusel2017],
  },
  epochDistance: {
    title: "Fréchet distance, epoch by epoch",
    text: [
      `How far the classifier's features of ${EPOCH_SAMPLES.count} samples are from those of the test images: 0 would be alike in mean and spread.`,
      "Fewer samples make it larger, and published FIDs do not compare: their features come from a network for photographs.",
    ],
    papers: [PAPERS.heusel2017],
  },
  ema: {
    title: "Averaged weights (EMA)",
    text: [
      "A moving average of the weights: single steps overshoot back and forth, while their average does not and draws cleaner digits.",
      "A high decay looks far back, so that early in training the raw weights are better.",
    ],
    papers: [PAPERS.song2020, PAPERS.ho2020],
  },
  sampler: {
    title: "Samplers, eta, spacing",
    text: [
      "Ancestral sampling takes all T steps and adds fresh noise in each. DDIM skips steps. Eta is how much fresh noise it adds: with none (0), the network alone decides where the noise leads.",
      "Flow has no fresh noise. DDIM's step is then Euler's method: it goes straight along the predicted flow.",
      "DPM-Solver++(2M) and Heun come closer with fewer steps. Steps even in log-SNR, the logarithm of signal to noise, hurry through the levels where nothing can be seen yet.",
    ],
    papers: [PAPERS.ho2020, PAPERS.song2021, PAPERS.lu2022, PAPERS.karras2022],
  },
  evolution: {
    title: "The same noise again",
    text: [
      "Each row is a moment of training, each column a denoising step.",
      "All rows start from the same noise and go by the run's own sampler with the same added noise, so that two rows differ in the network alone.",
    ],
    papers: [PAPERS.song2021],
  },
  guidance: {
    title: "Asking for a digit, and guidance",
    text: [
      "A network that was trained with labels (the setting Classes) can be asked for a digit. Press a key from 0 to 9 for one digit or the key A for all of them, or type a text such as 2026.",
      "In training some labels are hidden, so that the network can also draw without one. Guidance compares its two answers, with and without the label, and exaggerates the difference.",
      "0 ignores the label, and 1 is the network's own answer to it. Above 1 the digits get clearer, but look more alike.",
    ],
    papers: [PAPERS.hoSalimans2022, PAPERS.dhariwal2021],
  },
  distillation: {
    title: "Distillation: fewer steps",
    text: [
      "A student begins as a copy of its teacher. From the same noisy image the teacher takes two steps of DDIM, and the student learns to arrive at the same place in one.",
      "With guidance the first teacher asks its network twice a step. Its student learns the result and asks once.",
      "One halving after the other is easier to learn than all at once. But each adds a small error, so digits of the last students are a little less good.",
      "The loss says how close a student comes to its teacher, not to real images. So it cannot be compared with the loss of other runs, nor one phase with another.",
    ],
    papers: [PAPERS.salimans2022, PAPERS.meng2023],
  },
  interpolation: {
    title: "Between two digits",
    text: [
      "Both digits are noised to the same t, mixed, and denoised again. The higher t is, the less is left of the two, and the more the network invents between them.",
    ],
    papers: [PAPERS.ho2020],
  },
  filling: {
    title: "Filling in a part",
    text: [
      "At every step the network draws the whole image, and then the part that stays is put back, with as much noise as that step has. So the network always sees it, and draws what goes with it. In the end it stands there as it was, to the last pixel.",
      "What was drawn just before the part was put back does not quite fit it. So noise can be added again, and the same steps walked once more: each resampling gives the new part another chance to fit the old one.",
    ],
    papers: [PAPERS.lugmayr2022],
  },
  inversion: {
    title: "From an image back to its noise",
    text: [
      "DDIM adds no fresh noise, so its way from noise to digit can be walked backwards: the network says at each step which noise leads to this image. Drawn again from that noise, the same digit comes back, nearly; with another label it becomes another digit, written by the same hand.",
      "How far back it goes decides how much is kept: from half the way the digit hardly changes, from all of it only its slant and its stroke remain.",
    ],
    papers: [PAPERS.dhariwal2021, PAPERS.song2021],
  },
  readings: {
    title: "Two readings",
    text: [
      "At every step the network is asked twice: what the picture looks like as one digit, and what the flipped picture looks like as the other. The mean of both answers, one of them flipped back, takes the noise away, and what is left has to be both.",
    ],
    papers: [PAPERS.geng2024],
  },
  likelihood: {
    title: "Bits per dimension",
    text: [
      "Who knows digits well needs few bits to store one. This is what the network needs for each pixel of digits that it was not trained on: lower is better, and 8 is to know nothing.",
      "It is an upper bound, the sum of what each step from noise to digit costs. ± is the standard error; with one seed all networks get the same images, so smaller differences count, too.",
      "Good-looking digits and few bits are two things: most bits go to exact gray levels, which no eye sees, and a network taught to draw in few steps knows few levels of noise.",
    ],
    papers: [PAPERS.ho2020, PAPERS.nichol2021, PAPERS.theis2016],
  },
  frechet: {
    title: "Fréchet distance on classifier features",
    text: [
      "How far samples are from the test images as a whole, by the means and covariances of 64 features that the classifier has of each before its last layer: 0 when both are alike, and inflated for small samples, about as much as for the same number of training images.",
      "It has the formula of FID, but FID takes the features of Inception, a network for photographs: the two numbers do not compare.",
    ],
    papers: [PAPERS.heusel2017, PAPERS.chong2019],
  },
} satisfies Record<string, Note>;

export type NoteName = keyof typeof NOTES;

export const noteOf = (name: NoteName): Note => NOTES[name];
