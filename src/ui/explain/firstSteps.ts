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
    text: "One press, and a network learns to draw digits on your own machine. Nothing leaves it.",
  },
  {
    target: "loss",
    title: "Watch the loss",
    text: "How wrong the network is about the noise. It falls fast at first, then slowly; the dashed curve is the assignment's.",
  },
  {
    target: "digits",
    title: "See digits come out of noise",
    text: "The same noise is denoised again and again as the network learns. The slider goes back through the steps.",
  },
  {
    target: "views",
    title: "Look closer in the lab",
    text: "Each tab shows the run from another side: its denoising, its charts, the network itself. Training goes on meanwhile.",
  },
  {
    target: "weights",
    title: "Take the weights away",
    text: "Once trained, save them for PyTorch or TensorFlow.js. Runs are kept in this browser, too.",
  },
];
