/** The networks that come with the app, by their files in `public/models`, where their cards are. */
export const TRAINED_MODELS = {
  "pretrained-quick.safetensors": {
    label: "Quick",
    use: "The clearest digits: 99.7 % are read as asked for. Ten steps each, of two passes of the network. 0.3 MB",
  },
  "pretrained-quick-4-steps.safetensors": {
    label: "Quick in four steps",
    use: "Its student, distilled: four passes for a digit. Good to finish what you draw. 99.4 % are read as asked for. 0.3 MB",
  },
  "pretrained-quick-1-step.safetensors": {
    label: "Quick in one step",
    use: "The last student: one pass for a digit, so it answers while you type and drag. 99.0 % are read as asked for. 0.3 MB",
  },
} as const satisfies Record<string, { label: string; use: string }>;

export type TrainedModelFile = keyof typeof TRAINED_MODELS;

export function isTrainedModel(fileName: string): fileName is TrainedModelFile {
  return Object.hasOwn(TRAINED_MODELS, fileName);
}
