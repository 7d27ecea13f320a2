import { ARCHITECTURES } from "../../nn/architectures.ts";
import { type Hyperparameter, tableHelp } from "./kinds.ts";

export const MODEL = {
  architecture: {
    kind: "choice",
    label: "Architecture",
    get help() {
      return `What denoises. ${tableHelp(ARCHITECTURES)}`;
    },
    default: "unet",
    options: ARCHITECTURES,
  },
  width: {
    kind: "integer",
    label: "Width",
    help: "Values of each layer of the perceptron.",
    default: 64,
    min: 4,
    max: 512,
  },
  depth: {
    kind: "integer",
    label: "Blocks",
    help: "Residual blocks of the perceptron, of two layers each (He et al. 2016).",
    default: 2,
    min: 1,
    max: 16,
  },
  dim: {
    kind: "integer",
    label: "Base width",
    help: "Channels after the first convolution; every level's width is a multiple of it (Unet's dim).",
    default: 32,
    min: 4,
    max: 128,
  },
  dimMults: {
    kind: "integers",
    label: "Width multipliers",
    help: "One factor per resolution level, outermost first; each further level halves the image (Unet's dim_mults).",
    default: [1, 2, 5],
    min: 1,
    max: 16,
    maxLength: 5,
  },
  attnHeads: {
    kind: "integer",
    label: "Attention heads",
    help: "Heads of every attention layer (Unet's attn_heads; Vaswani et al. 2017).",
    default: 4,
    min: 1,
    max: 16,
  },
  attnDimHead: {
    kind: "integer",
    label: "Channels per head",
    help: "Query, key and value channels of one attention head (Unet's attn_dim_head).",
    default: 32,
    min: 4,
    max: 64,
  },
  dropout: {
    kind: "real",
    label: "Dropout",
    help: "Share of the activations after the first half of each ResNet block that training sets to 0 (Srivastava et al. 2014).",
    default: 0,
    min: 0,
    max: 0.9,
  },
  selfCondition: {
    kind: "switch",
    label: "Self-conditioning",
    help: "The network also sees the image it predicted the step before, in half of the training steps (Chen et al. 2022).",
    default: false,
  },
  classes: {
    kind: "integer",
    label: "Classes",
    help: "Trains with labels, so that you can ask for one: the number of different labels, 10 for digits (Dhariwal and Nichol 2021). 0 trains without labels.",
    default: 0,
    min: 0,
    max: 256,
  },
  labelDropout: {
    kind: "real",
    label: "Label dropout",
    help: "Share of the training images whose label is hidden, so that the network also learns to draw without one, as guidance needs (Ho and Salimans 2022).",
    default: 0.1,
    min: 0,
    max: 1,
  },
} as const satisfies Record<string, Hyperparameter>;
