/** One of the first steps: what it outlines, by `data-first-step`, and what it says about it. */
export interface FirstStep {
  target: "train" | "loss" | "digits" | "views" | "weights";
  title: string;
  text: string;
  /** The step says this instead while one's own run draws the digits that are shown. */
  textOfRun?: string;
}

export const FIRST_STEPS: readonly FirstStep[] = [
  {
    target: "train",
    title: "Welcome",
    text: "Train a small neural network to draw handwritten digits, right here in your browser. Press Train to start.",
  },
  {
    target: "digits",
    title: "Watch digits appear",
    text: "A trained network draws these. Your own starts from the same noise, so you can compare.",
    textOfRun:
      "Your own network draws these, always from the same noise, and better and better as it learns.",
  },
  {
    target: "loss",
    title: "Watch the loss",
    text: "This is the network's error. It falls fast at first, then slowly.",
  },
  {
    target: "views",
    title: "Explore the other tabs",
    text: "Training continues while you look around. Lessons has experiments to try.",
  },
  {
    target: "weights",
    title: "Download the weights",
    text: "PyTorch and TensorFlow.js can load them.",
  },
];
