/**
 * The table of architectures. An entry needs what it computes in `engine/nn/networks.ts` and its blocks in
 * `engine/nn/networkBlocks.ts`, for both of which the compiler asks, and its settings among the hyperparameters.
 */
/** Rows and columns. */
export type ImageShape = readonly [height: number, width: number];

interface ArchitectureEntry {
  label: string;
  /** One sentence for the form. */
  help: string;
  /** Rows and columns of what it denoises: an image, or a point, which is an image of one row, its pixels x and y. */
  shape: ImageShape;
  /** The largest absolute value of it, as the network sees it: predictions beyond are clipped. */
  bound: number;
  /** Whether it is trained on points of the plane, which the page generates, instead of images. */
  takesPoints: boolean;
  /** The settings that it has and others have not. */
  hyperparameters: readonly string[];
}

export const ARCHITECTURES = {
  unet: {
    label: "U-Net",
    help: "The U-Net denoises images of 28 x 28 pixels (Ronneberger et al. 2015).",
    shape: [28, 28],
    bound: 1,
    takesPoints: false,
    hyperparameters: [
      "dim",
      "dimMults",
      "attnHeads",
      "attnDimHead",
      "selfCondition",
      "dropout",
      "offsetNoise",
      "precision",
      "evaluateEvery",
      "interpolationNoise",
    ],
  },
  perceptron: {
    label: "perceptron",
    help: "The perceptron denoises points of the plane, in a few seconds of training.",
    shape: [1, 2],
    bound: 4,
    takesPoints: true,
    hyperparameters: ["width", "depth", "points", "numPoints"],
  },
} as const satisfies Record<string, ArchitectureEntry>;

export type ArchitectureId = keyof typeof ARCHITECTURES;

/** Values of what a network denoises: the pixels of an image, the coordinates of a point. */
export function numValuesOf([height, width]: ImageShape): number {
  return height * width;
}

export function imageShapeOf({ architecture }: { architecture: ArchitectureId }): ImageShape {
  return ARCHITECTURES[architecture].shape;
}

/** Whether a run is trained on points of the plane. */
export function takesPoints({ architecture }: { architecture: ArchitectureId }): boolean {
  return ARCHITECTURES[architecture].takesPoints;
}

/** Whether an architecture has a setting: it does unless only others do. */
export function isOfArchitecture(name: string, architecture: ArchitectureId): boolean {
  const owners = Object.entries<ArchitectureEntry>(ARCHITECTURES).filter(
    ([, { hyperparameters }]) => hyperparameters.includes(name),
  );
  return owners.length === 0 || owners.some(([id]) => id === architecture);
}
