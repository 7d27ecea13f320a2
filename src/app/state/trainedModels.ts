/**
 * The table of trained models that come with the page. An entry needs its file and card in `public/models`, what
 * `npm run evaluate -- --json` wrote of it in `tests/fixtures`, and its settings in
 * `tests/unit/engine/train/shippedModel.test.ts`, which holds the card to all of these.
 */

/** What is said of a network that comes with the app. The figures are of 2,000 samples, as its card has them. */
export interface TrainedModel {
  label: string;
  use: string;
  /** Size of its file. */
  megabytes: string;
  /** Read as the digit asked for, in percent; not of a network without labels. */
  readAsAsked?: string;
  confidence: string;
  distance: string;
}

/** By their files in `public/models`, where their cards are. */
export const TRAINED_MODELS = {
  "pretrained-quick.safetensors": {
    label: "Quick",
    use: "What Train gives you with these settings. Ten steps for a digit, each of two passes of the network.",
    megabytes: "0.3",
    readAsAsked: "99.7",
    confidence: "0.996",
    distance: "0.087",
  },
  "pretrained-quick-4-steps.safetensors": {
    label: "Quick in four steps",
    use: "Its student, distilled: four passes for a digit. Good to finish what you draw.",
    megabytes: "0.3",
    readAsAsked: "99.4",
    confidence: "0.994",
    distance: "0.103",
  },
  "pretrained-quick-1-step.safetensors": {
    label: "Quick in one step",
    use: "One pass of the network for a digit, so it answers while you type and drag.",
    megabytes: "0.3",
    readAsAsked: "99.0",
    confidence: "0.989",
    distance: "0.132",
  },
  "pretrained-medium.safetensors": {
    label: "Medium",
    use: "The best digits here: four times as many parameters as Quick, and five times as many training steps.",
    megabytes: "1.3",
    readAsAsked: "99.8",
    confidence: "0.996",
    distance: "0.041",
  },
  "pretrained-medium-4-steps.safetensors": {
    label: "Medium in four steps",
    use: "Its student: four passes for a digit, nearly as good as with Medium's twenty.",
    megabytes: "1.3",
    readAsAsked: "99.2",
    confidence: "0.993",
    distance: "0.045",
  },
  "pretrained-medium-1-step.safetensors": {
    label: "Medium in one step",
    use: "One pass of the network for a digit, nearer to real ones than Quick's after twenty.",
    megabytes: "1.3",
    readAsAsked: "99.3",
    confidence: "0.992",
    distance: "0.058",
  },
  "pretrained-assignment.safetensors": {
    label: "Assignment",
    use: "The course's own network after six epochs. It knows no labels and draws any digit.",
    megabytes: "6.9",
    confidence: "0.937",
    distance: "0.119",
  },
} as const satisfies Record<string, TrainedModel>;

export type TrainedModelFile = keyof typeof TRAINED_MODELS;

export function isTrainedModel(fileName: string): fileName is TrainedModelFile {
  return Object.hasOwn(TRAINED_MODELS, fileName);
}

/** `Quick (trained model)` */
export function trainedModelName(fileName: TrainedModelFile): string {
  return `${TRAINED_MODELS[fileName].label} (trained model)`;
}
