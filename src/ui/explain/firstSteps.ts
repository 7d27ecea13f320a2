/** A step of the walk: what it points at, by `data-first-step`, and what it says of it. */
export interface FirstStep {
  target: "train" | "loss" | "digits" | "views" | "weights";
  title: string;
  text: string;
}

export const FIRST_STEPS: readonly FirstStep[] = [
  {
    target: "train",
    title: "Train a network",
    text: "One press, and all happens on your own machine.",
  },
  {
    target: "loss",
    title: "Watch the loss",
    text: "It falls fast at first, then slowly.",
  },
  {
    target: "digits",
    title: "See digits come out of noise",
    text: "Always the same noise, so you see it learn.",
  },
  {
    target: "views",
    title: "Look closer in the lab",
    text: "Training goes on meanwhile.",
  },
  {
    target: "weights",
    title: "Take the weights away",
    text: "For PyTorch or TensorFlow.js.",
  },
];
