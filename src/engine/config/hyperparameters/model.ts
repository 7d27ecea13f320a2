import type { Hyperparameter } from "./kinds.ts";

export const MODEL = {
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
} as const satisfies Record<string, Hyperparameter>;
