/**
 * The table of augmentations: how a drawing of `IMAGE_SIZE` is changed so that it is another drawing of the same thing (Simard,
 * Steinkraus and Platt 2003, "Best practices for convolutional neural networks"). A person draws a dozen; a network needs
 * thousands.
 *
 * An augmentation that moves ink only says where in the drawing the ink of a place comes from. All of them one after the other give one
 * place, at which the drawing is read once, between its pixels: each reading blurs, so that five of them would not look drawn any more.
 */
import { IMAGE_SIZE, NUM_PIXELS } from "../config/hyperparameters.ts";
import { type RandomKey, randomUniforms } from "../random.ts";
import type { Dataset, LabeledImages } from "./dataset.ts";
import { chunks, imageAt } from "./imageOrder.ts";

/** A place in pixels to the right of the middle of an image, and below it. */
type Place = readonly [x: number, y: number];

interface AugmentationEntry {
  label: string;
  /** One sentence for the form. */
  help: string;
  /** What the strength is counted in. */
  unit: string;
  /** The largest amount by which it changes a drawing, of bending the typical one; 0 changes nothing. */
  strength: number;
  /** More would no longer be the same thing. */
  maxStrength: number;
  /** How many amounts a drawing takes. */
  numAmounts: number;
  /**
   * From where in the drawing the ink comes, by its place in the changed one; null for what moves no ink.
   *
   * @param amounts in the unit of the strength, `[numAmounts]`
   */
  source: ((amounts: Float32Array) => (place: Place) => Place) | null;
}

/** Standard deviation in pixels of the Gaussian that a field is smoothed with, that of Simard et al. */
const BEND_WIDTH = 4;

/** In the order in which they are done. */
export const AUGMENTATIONS = {
  turn: {
    label: "Turn",
    help: "Turns it around its middle.",
    unit: "degrees",
    strength: 10,
    maxStrength: 180,
    numAmounts: 1,
    source: ([clockwise]) => {
      const angle = radians(clockwise as number);
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      return ([x, y]) => [cos * x + sin * y, cos * y - sin * x];
    },
  },
  scale: {
    label: "Scale",
    help: "Makes it wider or narrower, and taller or lower.",
    unit: "%",
    strength: 10,
    maxStrength: 50,
    numAmounts: 2,
    source: ([wider, taller]) => {
      const [ofX, ofY] = [factor(wider as number), factor(taller as number)];
      return ([x, y]) => [x / ofX, y / ofY];
    },
  },
  shear: {
    label: "Shear",
    help: "Slants it to the right or left, as handwriting is slanted.",
    unit: "degrees",
    strength: 10,
    maxStrength: 60,
    numAmounts: 1,
    source: ([right]) => {
      const slope = Math.tan(radians(right as number));
      return ([x, y]) => [x + slope * y, y];
    },
  },
  shift: {
    label: "Shift",
    help: "Moves the drawing, to the side and up or down.",
    unit: "pixels",
    strength: 0.5,
    maxStrength: 8,
    numAmounts: 2,
    source:
      ([right, down]) =>
      ([x, y]) => [x - (right as number), y - (down as number)],
  },
  bend: {
    label: "Bend",
    help: "Bends its strokes, each part a little differently (elastic distortion, Simard, Steinkraus and Platt 2003).",
    unit: "pixels",
    strength: 0.5,
    maxStrength: 4,
    numAmounts: 2 * NUM_PIXELS,
    source: (amounts) => {
      const [ofX, ofY] = [0, 1].map((axis) =>
        smoothField(amounts.subarray(axis * NUM_PIXELS, (axis + 1) * NUM_PIXELS)),
      ) as [Float32Array, Float32Array];
      return ([x, y]) => [x + fieldAt(ofX, x, y), y + fieldAt(ofY, x, y)];
    },
  },
  thickness: {
    label: "Thickness",
    help: "Makes its strokes thicker or thinner: the edge of the ink moves so far.",
    unit: "pixels",
    strength: 0.3,
    maxStrength: 1,
    numAmounts: 1,
    source: null,
  },
} as const satisfies Record<string, AugmentationEntry>;

export type AugmentationId = keyof typeof AUGMENTATIONS;

const IDS = Object.keys(AUGMENTATIONS) as AugmentationId[];

/** How strong each augmentation is, in its own unit; those left out change nothing. */
export type Strengths = Partial<Record<AugmentationId, number>>;

/** By how much a drawing is changed, in the unit of each augmentation; those left out change nothing. */
export type Amounts = Partial<Record<AugmentationId, ArrayLike<number>>>;

/** All augmentations as the table has them. */
export function defaultStrengths(): Required<Strengths> {
  const strengths = IDS.map((id) => [id, AUGMENTATIONS[id].strength]);
  return Object.fromEntries(strengths) as Required<Strengths>;
}

/** A network soon knows fewer images by heart; training on so many changed ones takes a minute or two an epoch. */
export const FEW_IMAGES = 2000;
const NUM_VARIED = 12_000;
/** The loss of a handful would jump with the noise that they happen to get. */
const NUM_VARIED_VALIDATION = 400;
export const NUM_VARIED_IN_ALL = NUM_VARIED + NUM_VARIED_VALIDATION;

/** Changed in some tenths of a second. */
const VARIED_AT_ONCE = 500;

/**
 * The images of a small set, each changed about equally often, with their labels; see `augmentedDrawings`.
 *
 * @param onProgress told now and then how many are done
 */
export function variedImages(
  { images, labels, count }: LabeledImages,
  numVaried: number,
  seed: number,
  onProgress: (numDone: number) => void = () => {},
): LabeledImages {
  const varied = new Uint8Array(numVaried * NUM_PIXELS);
  for (const { start, end } of chunks(numVaried, VARIED_AT_ONCE)) {
    const some = augmentedDrawings({ drawings: images, count: end - start, seed, first: start });
    varied.set(some, start * NUM_PIXELS);
    onProgress(end);
  }
  return {
    images: varied,
    labels: Uint8Array.from({ length: numVaried }, (_, i) => labels[i % count] as number),
    count: numVaried,
  };
}

/**
 * A small set, varied: its training images, and of them apart those held out, where they are few.
 *
 * @param onProgress told now and then how many are done of `NUM_VARIED_IN_ALL`
 */
export function variedSet(
  { train, validation }: Dataset,
  onProgress?: (numDone: number) => void,
): Dataset {
  const isFew = validation.count > 0 && validation.count < NUM_VARIED_VALIDATION;
  return {
    train: variedImages(train, NUM_VARIED, 0, onProgress),
    validation: isFew ? variedImages(validation, NUM_VARIED_VALIDATION, 1) : validation,
  };
}

/** More augmentations than there are, so that no two share a key. */
const MAX_AUGMENTATIONS = 64;

/**
 * Changed drawings: the i-th is of drawing i modulo n, so that each has as many, or one more. Its amounts follow from the seed and
 * from i alone, whatever the strengths of the other augmentations are.
 *
 * @param of.drawings `[n, 28, 28]`, 0 black to 255 white, n at least 1
 * @param of.first the i of the first: with another start come others
 * @param of.strengths one alone shows what it does; those of the table when left out
 * @returns `[count, 28, 28]`
 * @throws RangeError without drawings, or for a strength that is negative or no number
 */
export function augmentedDrawings(of: {
  drawings: Uint8Array;
  count: number;
  seed: number;
  first?: number;
  strengths?: Strengths;
}): Uint8Array<ArrayBuffer> {
  const { drawings, count, seed, first = 0, strengths = defaultStrengths() } = of;
  const numDrawings = drawings.length / NUM_PIXELS;
  if (!(Number.isInteger(numDrawings) && numDrawings > 0)) {
    throw new RangeError(
      `Expected drawings of ${IMAGE_SIZE} x ${IMAGE_SIZE} pixels, got ${drawings.length} pixels in all.`,
    );
  }
  const pixels = new Uint8Array(count * NUM_PIXELS);
  for (let i = 0; i < count; i++) {
    const drawing = imageAt(drawings, (first + i) % numDrawings);
    pixels.set(changedDrawing(drawing, drawnAmounts(strengths, seed, first + i)), i * NUM_PIXELS);
  }
  return pixels;
}

/** Uniform in ± the strength. */
function drawnAmounts(strengths: Strengths, seed: number, index: number): Amounts {
  const amounts: Amounts = {};
  for (const [place, id] of IDS.entries()) {
    const strength = strengths[id] ?? 0;
    if (!(strength >= 0)) {
      throw new RangeError(`Expected a strength of 0 or more for ${id}, got ${strength}.`);
    }
    if (strength === 0) continue;
    const key: RandomKey = {
      seed,
      stream: "augmentation",
      index: index * MAX_AUGMENTATIONS + place,
    };
    const { numAmounts } = AUGMENTATIONS[id];
    amounts[id] = randomUniforms(key, numAmounts).map((u) => strength * (2 * u - 1));
  }
  return amounts;
}

/**
 * A drawing, `[28, 28]`, changed by known amounts; where ink would come from outside of it, it is black.
 *
 * @param amounts of each augmentation as many as its entry says; positive ones to the right, down, clockwise, larger,
 *   thicker; of bending the field before it is smoothed, `[2, 28, 28]`, the first half of it to the left
 */
export function changedDrawing(drawing: Uint8Array, amounts: Amounts): Uint8Array<ArrayBuffer> {
  const sources = IDS.flatMap((id) => {
    const { source } = AUGMENTATIONS[id];
    const ofId = amounts[id];
    return source && ofId ? [source(Float32Array.from(ofId))] : [];
  });
  const moved = new Float32Array(NUM_PIXELS);
  for (let i = 0; i < NUM_PIXELS; i++) {
    let place: Place = [(i % IMAGE_SIZE) - MIDDLE, Math.floor(i / IMAGE_SIZE) - MIDDLE];
    // What is done last to the drawing is undone first.
    for (let at = sources.length - 1; at >= 0; at--) place = (sources[at] as Source)(place);
    moved[i] = pixelBetween(drawing, place[0] + MIDDLE, place[1] + MIDDLE);
  }
  const [thicker = 0] = Array.from(amounts.thickness ?? []);
  return Uint8Array.from(thicker === 0 ? moved : thickened(moved, thicker), Math.round);
}

type Source = (place: Place) => Place;

/** The middle of an image, in pixels from that in its corner. */
const MIDDLE = (IMAGE_SIZE - 1) / 2;

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** Turns 10 % larger into 1.1, and 10 % smaller into 1 / 1.1, so that neither is more frequent. */
function factor(percent: number): number {
  return percent >= 0 ? 1 + percent / 100 : 1 / (1 - percent / 100);
}

/** The gray level at a place between four pixels, bilinear; 0 outside. */
function pixelBetween(image: Uint8Array, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, below] = [x - left, y - top];
  const at = (column: number, row: number) =>
    column >= 0 && column < IMAGE_SIZE && row >= 0 && row < IMAGE_SIZE
      ? (image[row * IMAGE_SIZE + column] as number)
      : 0;
  const upper = (1 - right) * at(left, top) + right * at(left + 1, top);
  const lower = (1 - right) * at(left, top + 1) + right * at(left + 1, top + 1);
  return (1 - below) * upper + below * lower;
}

/**
 * Strokes whose edges are moved by up to a pixel: a mixture of the image with the brightest of each pixel and its four
 * neighbors (a dilation), or with the darkest (an erosion).
 */
function thickened(image: Float32Array, thicker: number): Float32Array {
  const extreme = thicker > 0 ? Math.max : Math.min;
  const share = Math.min(1, Math.abs(thicker));
  return image.map((gray, i) => {
    const [column, row] = [i % IMAGE_SIZE, Math.floor(i / IMAGE_SIZE)];
    const most = extreme(
      gray,
      column > 0 ? (image[i - 1] as number) : 0,
      column < IMAGE_SIZE - 1 ? (image[i + 1] as number) : 0,
      row > 0 ? (image[i - IMAGE_SIZE] as number) : 0,
      row < IMAGE_SIZE - 1 ? (image[i + IMAGE_SIZE] as number) : 0,
    );
    return gray + share * (most - gray);
  });
}

/**
 * A Gaussian around each place of an axis, `[28, 28]`, which goes on at the other side where the image ends: so the field is as strong
 * at the edges as in the middle. Scaled such that numbers uniform in ± 1 become ones of standard deviation 1.
 */
function bendKernels(): Float64Array {
  const gaussian = Float64Array.from({ length: IMAGE_SIZE }, (_, i) => {
    const offset = Math.min(i, IMAGE_SIZE - i);
    return Math.exp(-(offset ** 2) / (2 * BEND_WIDTH ** 2));
  });
  const energy = gaussian.reduce((sum, value) => sum + value ** 2, 0);
  // A number uniform in ± 1 has the variance 1/3, and there are two axes.
  const scale = 3 ** 0.25 / Math.sqrt(energy);
  return Float64Array.from({ length: NUM_PIXELS }, (_, i) => {
    const [place, from] = [Math.floor(i / IMAGE_SIZE), i % IMAGE_SIZE];
    return scale * (gaussian[Math.abs(from - place)] as number);
  });
}

const BEND_KERNELS = bendKernels();

/** A field, `[28, 28]`, smoothed along both axes. */
function smoothField(field: Float32Array): Float32Array {
  return smoothRows(smoothRows(field));
}

/** Smoothed along its rows, and then mirrored at the diagonal, so that a second call smooths along the other axis. */
function smoothRows(field: Float32Array): Float32Array {
  const smoothed = new Float32Array(field.length);
  const size = Math.sqrt(field.length);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [values, kernel] = [row * size, column * size];
      let sum = 0;
      for (let i = 0; i < size; i++) {
        sum += (BEND_KERNELS[kernel + i] as number) * (field[values + i] as number);
      }
      smoothed[column * size + row] = sum;
    }
  }
  return smoothed;
}

/** The field at the pixel next to a place. Bending is done last, so that the places are pixels. */
function fieldAt(field: Float32Array, x: number, y: number): number {
  const within = (at: number) => Math.min(IMAGE_SIZE - 1, Math.max(0, Math.round(at + MIDDLE)));
  return field[within(y) * IMAGE_SIZE + within(x)] as number;
}
