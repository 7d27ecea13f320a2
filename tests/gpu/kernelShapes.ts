/** The shapes that kernels are tested with. */
import type { Resample } from "../../src/engine/ops/kernel.ts";
import {
  CARD,
  CONV_TILES,
  GRADIENT_TILES,
  SOFTWARE,
  type Tuning,
} from "../../src/engine/ops/webgpu/tuning.ts";
import { randomUniforms } from "../../src/engine/random.ts";

/** For any number of channels, so that odd and small shapes come into both kinds of tiles. */
const FORMS = {
  "register tiles": { ...SOFTWARE, minChannels: 1 },
  "large workgroup tiles and one part": { ...CARD, minChannels: 1, minInvocations: 1 },
  "small workgroup tiles and many parts": { ...CARD, minChannels: 1, usesSubgroups: false },
} as const satisfies Record<string, Tuning>;

export const ALL_TUNINGS = Object.keys(FORMS) as (keyof typeof FORMS)[];
const MANY_PARTS = "small workgroup tiles and many parts";

export type ConvShape = [
  image: [number, number, number],
  channels: number[],
  numOut: number,
  size: number,
];

/** For every candidate of the workgroup tiles: narrow and wide rows, channels that fill no tile. */
export const CANDIDATE_CONVS: ConvShape[] = [
  [[5, 6, 7], [40], 36, 3],
  [[2, 6, 28], [40], 36, 3],
  [[5, 6, 7], [40], 36, 1],
];

/** Candidate i of each kind, where there are so many. */
function candidateTuning(i: number): Tuning {
  const large = FORMS["large workgroup tiles and one part"];
  const { convTiles, gradientTiles } = large;
  const [conv1, conv3] = [CONV_TILES[1][i], CONV_TILES[3][i]];
  return {
    ...large,
    convTiles: { 1: conv1 ? [conv1] : convTiles[1], 3: conv3 ? [conv3] : convTiles[3] },
    gradientTiles: {
      1: GRADIENT_TILES[1][i] ?? gradientTiles[1],
      3: GRADIENT_TILES[3][i] ?? gradientTiles[3],
    },
  };
}

/** As many as the kind with most has. */
const CANDIDATES = [0, 1, 2, 3, 4, 5] as const;

export const CANDIDATE_TUNINGS = CANDIDATES.map((i) => `candidate ${i}` as const);

export type TuningName = keyof typeof FORMS | (typeof CANDIDATE_TUNINGS)[number];

export const TUNINGS = {
  ...FORMS,
  ...Object.fromEntries(CANDIDATES.map((i) => [`candidate ${i}`, candidateTuning(i)])),
} as Readonly<Record<TuningName, Tuning>>;

/**
 * `[B, H, W]`, channels, and in which tiles. Nearly all of the time goes into compiling workgroup tiles
 * for a software adapter, 1 to 2 s a program whatever the shape: few cases, with each part of the code
 * in one of them, and edges of tiles in each direction.
 */
export const CONVS: [...ConvShape, tunings: readonly TuningName[]][] = [
  [[2, 9, 10], [1], 8, 7, ["register tiles"]],
  [[2, 7, 28], [8], 8, 3, ["register tiles"]],
  [[3, 5, 7], [3], 5, 3, ALL_TUNINGS],
  [[2, 9, 5], [4, 6], 12, 3, ["register tiles"]],
  [[1, 1, 1], [5], 7, 3, ["register tiles"]],
  [[3, 6, 11], [3, 2], 6, 1, ["register tiles", MANY_PARTS]],
];

export const RESAMPLED_CONVS: [Resample, ...ConvShape, tunings: readonly TuningName[]][] = [
  ["unshuffle", [2, 28, 28], [8], 16, 1, ALL_TUNINGS],
  ["unshuffle", [3, 6, 10], [6], 5, 1, ["register tiles"]],
  ["upsample", [2, 7, 7], [12], 8, 3, ALL_TUNINGS],
  ["upsample", [1, 3, 5], [5], 3, 3, ["register tiles"]],
];

/** Of the presets' networks at each of their levels, and more odd ones. */
export const LONG_CONVS: ConvShape[] = [
  [[2, 5, 28], [64, 32], 64, 3],
  [[2, 7, 7], [160, 64], 160, 1],
  [[2, 3, 14], [7, 16], 37, 3],
  [[2, 28, 28], [1], 8, 7],
  [[2, 28, 28], [2], 32, 7],
  [[2, 28, 28], [8], 8, 3],
  [[1, 28, 28], [32], 32, 3],
  [[2, 14, 14], [16], 32, 3],
  [[1, 14, 14], [64, 64], 64, 3],
  [[1, 7, 7], [160, 64], 160, 3],
  [[2, 7, 7], [64], 16, 3],
  [[2, 28, 28], [32], 1, 1],
  [[2, 14, 14], [64], 384, 1],
  [[3, 28, 28], [32], 20, 3],
  [[9, 14, 14], [32, 16], 32, 3],
  // More images than WebAssembly's kernel takes at once, and than fill a multiple of its tiles.
  [[39, 5, 5], [8], 8, 3],
  [[2, 9, 5], [4, 6], 12, 3],
];

/** Shapes that nobody chose: whole numbers from 1 up to each of these, drawn from a fixed seed. */
function drawn<const Limits extends readonly number[]>(count: number, limits: Limits) {
  return Array.from({ length: count }, (_, index) => {
    const draws = randomUniforms({ seed: 11, stream: "weights", index }, limits.length);
    return limits.map((most, i) => 1 + Math.floor((draws[i] as number) * most)) as {
      -readonly [I in keyof Limits]: number;
    };
  });
}

export const RANDOM_CONVS = drawn(12, [3, 15, 31, 20, 20, 40, 2]).map(
  ([b, h, w, first, second, numOut, size], index): ConvShape => [
    [b, h, w],
    [first, second].slice(0, 1 + (index % 2)),
    numOut,
    2 * size - 1,
  ],
);

export const BOTH_FORMS = ["register tiles", MANY_PARTS] as const;

/**
 * `[B, H, W]`, channels, and in which form: in workgroups with 4, 16, 8 and 1 invocations a pixel. SwiftShader's
 * subgroups have 4.
 */
const NORMS: [
  image: [number, number, number],
  channels: number,
  tunings?: readonly TuningName[],
][] = [
  [[2, 28, 28], 12, ALL_TUNINGS],
  [[2, 28, 28], 32],
  [[2, 14, 14], 64],
  [[2, 7, 7], 160, BOTH_FORMS],
  [[3, 5, 9], 7, BOTH_FORMS],
  [[1, 1, 1], 4, BOTH_FORMS],
];

const RANDOM_NORMS = drawn(3, [3, 12, 30, 50]).map(
  ([b, h, w, channels]): (typeof NORMS)[number] => [[b, h, w], channels],
);

export const ALL_NORMS = [...NORMS, ...RANDOM_NORMS];

export type AttentionShape = [
  image: [number, number, number],
  channels: number,
  heads: number,
  dimHead: number,
];

/** In workgroup tiles: several tiles and parts of an image, and blocks beyond a tile's columns. */
export const ATTENTIONS: [...AttentionShape, tunings?: readonly TuningName[]][] = [
  [[2, 5, 7], 8, 2, 8],
  [[2, 7, 7], 32, 4, 32, [MANY_PARTS]],
  [[2, 3, 5], 6, 3, 4, ALL_TUNINGS],
  [[1, 1, 1], 5, 2, 4],
  [[2, 3, 3], 5, 2, 3],
  // Wide enough that an invocation has two rows, not four.
  [[1, 5, 5], 64, 1, 32, [MANY_PARTS]],
];

export const LONG_ATTENTIONS: AttentionShape[] = [
  [[1, 7, 10], 32, 4, 32],
  [[2, 12, 13], 24, 2, 16],
  [[2, 14, 14], 16, 1, 16],
  [[1, 28, 28], 32, 4, 32],
  [[2, 7, 7], 160, 4, 32],
  [[2, 14, 14], 64, 4, 32],
  [[2, 14, 14], 48, 4, 16],
  [[2, 12, 13], 8, 2, 12],
  [[1, 1, 1], 5, 2, 12],
  ...drawn(6, [2, 8, 8, 20, 3, 12]).map(
    ([b, h, w, ...rest]): AttentionShape => [[b, h, w], ...rest],
  ),
];

/** Rows, columns in and out. */
export const LINEARS = [
  [8, 8, 32],
  [2, 128, 640],
  [3, 5, 7],
  [1, 6, 12],
  ...drawn(2, [9, 40, 40]),
] as const;
