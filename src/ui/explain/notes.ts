import type { ComponentType } from "react";
import { ASSIGNMENT_VALIDATION_LOSS } from "../assignmentLoss.ts";
import { formatLoss } from "../format.ts";
import { NoisyDigits } from "./NoisyDigits.tsx";
import type { NoteName } from "./noteTitles.ts";
import { PAPERS, type Paper } from "./papers.ts";
import { SchedulePlots } from "./SchedulePlots.tsx";
import { VelocityAngle } from "./VelocityAngle.tsx";

export interface Note {
  /** Paragraphs of a sentence or two. */
  text: readonly string[];
  papers: readonly Paper[];
  Illustration?: ComponentType;
}

const losses = ASSIGNMENT_VALIDATION_LOSS;
const [firstLoss, lastLoss] = [losses[0], losses.at(-1)].map((loss) => formatLoss(loss ?? NaN));

export const NOTES: Record<NoteName, Note> = {
  xt: {
    Illustration: NoisyDigits,
    text: [
      "xₜ = √ᾱₜ x₀ + √(1 − ᾱₜ) ε: a digit x₀ mixed with Gaussian noise ε. At t = 0 it is nearly clean, at the last step nearly nothing but noise.",
      "Training draws a t for each image and asks for the way back; sampling goes it, from the last t to 0.",
    ],
    papers: [PAPERS.ho2020],
  },
  x0: {
    text: [
      "From xₜ and the network's output follows its guess of the finished digit, at every step.",
      "At high t the guess is blurred: it is the mean of all digits that this noise may have come from. It sharpens as t falls.",
    ],
    papers: [PAPERS.ho2020, PAPERS.song2021],
  },
  objective: {
    text: [
      "The noise ε, the digit x₀, or v, a mixture of both: given xₜ, each follows from each other. What differs is how much an error counts at which t.",
      "Here the errors of x₀ and v are weighted by t so that they equal that of the noise, and the losses compare.",
    ],
    papers: [PAPERS.ho2020, PAPERS.salimans2022],
  },
  v: {
    Illustration: VelocityAngle,
    text: [
      "v = √ᾱₜ ε − √(1 − ᾱₜ) x₀. With x₀ and ε as axes, xₜ moves along a quarter circle as t grows, and v is where it is heading.",
      "To predict ε says little where xₜ is nearly all noise, and to predict x₀ little where it is nearly clean. v is worth learning at both ends.",
    ],
    papers: [PAPERS.salimans2022],
  },
  schedule: {
    Illustration: SchedulePlots,
    text: [
      "ᾱₜ is how much of the digit is left at t; the signal-to-noise ratio is ᾱₜ / (1 − ᾱₜ).",
      "The linear schedule spends many of its last steps on what is noise already; cosine and sigmoid spread the work evenly, which small images need.",
    ],
    papers: [PAPERS.nichol2021, PAPERS.jabri2022, PAPERS.kingma2021],
  },
  minSnr: {
    text: [
      "Seen as an error of the digit x₀, an image's loss weighs as much as its signal-to-noise ratio. Gamma caps this weight, so that nearly clean images, where there is little to learn, do not outweigh the rest.",
    ],
    papers: [PAPERS.hang2023],
  },
  loss: {
    text: [
      "The mean squared error of the predicted noise. A network that knows nothing has about 0.5 when it predicts v and 1 when it predicts the noise, the assignment's " +
        `${firstLoss} after its first epoch and ${lastLoss} after its last.`,
      "It soon falls slowly, because most noise cannot be told from a digit's edge. The digits go on improving: judge by them.",
    ],
    papers: [PAPERS.ho2020],
  },
  buckets: {
    text: [
      "Each bar is the validation loss of images noised to that range of t. The mark is the epoch before: a bar that ends left of it has improved.",
      "High t decides a digit's shape, low t its clean edges. A gain at high t hardly moves the mean loss, but shows in the digits.",
    ],
    papers: [PAPERS.choi2022, PAPERS.nichol2021],
  },
  gradNorm: {
    text: [
      "The length of the gradient of all weights together, before clipping. It should fall, then stay level; spikes are hard batches, and growth foretells divergence.",
      "Gradient clip scales longer ones down to its value.",
    ],
    papers: [PAPERS.pascanu2013],
  },
  ema: {
    text: [
      "A moving average of the weights. Single steps overshoot to and fro; their average does not, and draws cleaner digits.",
      "A high decay looks far back: early in training the raw weights are better.",
    ],
    papers: [PAPERS.song2020, PAPERS.ho2020],
  },
  sampler: {
    text: [
      "Ancestral sampling takes all T steps and adds fresh noise in each. DDIM skips steps, and without fresh noise (eta = 0) the same seed always gives the same digit; eta = 1 adds as much as ancestral sampling does.",
    ],
    papers: [PAPERS.ho2020, PAPERS.song2021],
  },
  evolution: {
    text: [
      "Each row is a moment of training, each column a denoising step. All rows start from the same noise and go by the run’s own sampler; noise that it adds on the way is the same, too.",
      "What differs between two rows is the network alone.",
    ],
    papers: [PAPERS.song2021],
  },
  interpolation: {
    text: [
      "Both digits are noised to the same t, mixed, and denoised again. The higher t is, the less is left of the two, and the more the network invents between them.",
    ],
    papers: [PAPERS.ho2020],
  },
};
