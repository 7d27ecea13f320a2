/** The table of what the learning rate does after the warm-up. It needs no TensorFlow.js. */

interface DecayEntry {
  label: string;
  /** One sentence for the form, with its paper. */
  help: string;
  /** Factor of the learning rate, from the share of the steps after the warm-up that are done, 0 to 1. */
  factor(share: number): number;
}

export const DECAYS = {
  constant: { label: "constant", help: "Constant: it stays the same.", factor: () => 1 },
  /** torch's CosineAnnealingLR. */
  cosine: {
    label: "cosine",
    help: "Cosine: it falls along half a cosine to 0 at the end of the last epoch (Loshchilov and Hutter 2017).",
    factor: (share) => (1 + Math.cos(Math.PI * share)) / 2,
  },
} as const satisfies Record<string, DecayEntry>;
