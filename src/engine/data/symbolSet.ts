/**
 * A dataset from which a network learns one class more: changed drawings of it, and images of the old classes, without which it
 * would forget these while it learns (rehearsal, Robins 1995, "Catastrophic forgetting, rehearsal and pseudorehearsal").
 */
import { NUM_PIXELS } from "../config/hyperparameters.ts";
import { randomPermutation } from "../random.ts";
import { augmentedDrawings, type Strengths } from "./augment.ts";
import { DataError } from "./dataError.ts";
import type { Dataset, LabeledImages } from "./dataset.ts";
import { imageAt, pickImages } from "./imageOrder.ts";

export interface SymbolSetOptions {
  /** Images of the old classes. */
  base: Dataset;
  /** Of the new class, `[n, 28, 28]`, 0 black to 255 white. */
  drawings: Uint8Array;
  /** Of the new class: the number of old ones, which have the labels below it. */
  label: number;
  /** Images to train on, of both kinds together. */
  numTrain: number;
  /** Chooses old images and changes drawings. */
  seed: number;
  /** Share of the images that are of the new class, 0 to 1. */
  shareNew?: number;
  /** See `augmentedDrawings`. */
  strengths?: Strengths;
}

/**
 * With more the network learns that an image without a label is mostly the new symbol, and guidance, which leads away from such
 * images, no longer leads to it (docs/performance.md).
 */
const SHARE_NEW = 0.4;

/** They take a second or two after an epoch, and tell a loss to a few percent. */
const NUM_VALIDATION = 400;

/** Of fewer drawings none is held out: with each of them something would be lost of what the network can learn. */
const ENOUGH_DRAWINGS = 20;
/** Of so many drawings one is held out. */
const DRAWINGS_PER_HELD_OUT = 10;

/**
 * Training images, in random order, a share of them changed drawings with the new label, each drawing about equally often, and the
 * others old images, of each old class about equally many, none twice before all of its class are used. The validation has
 * old validation images and the new class in the same shares; the latter are changed drawings of every tenth drawing, which
 * is held out then, where there are at least 20, and otherwise other changes of the same drawings.
 *
 * @throws DataError without drawings, or where an old image has the new label, or a larger one
 */
export function symbolSet(options: SymbolSetOptions): Dataset {
  const { base, drawings, label, numTrain, seed } = options;
  const { shareNew = SHARE_NEW, strengths } = options;
  const numDrawings = drawings.length / NUM_PIXELS;
  if (numDrawings === 0) throw new DataError("Expected drawings of a new symbol, got none.");
  for (const { labels } of [base.train, base.validation]) {
    const wrong = labels.find((old) => old >= label);
    if (wrong === undefined) continue;
    throw new DataError(
      `Expected old images with labels below ${label}, which is the new symbol's, got one with ${wrong}. Take the images that the network was trained on.`,
    );
  }
  const { learned, heldOut } = splitDrawings(drawings);
  const numNew = Math.round(numTrain * shareNew);
  const numNewValidation = Math.round(NUM_VALIDATION * shareNew);
  const changed = { seed, ...(strengths && { strengths }) };
  const train = mixed({
    old: balancedImages(base.train, numTrain - numNew, { seed, index: 0 }),
    added: augmentedDrawings({ ...changed, drawings: learned, count: numNew }),
    label,
    order: randomPermutation({ seed, stream: "replay", index: MIX_INDEX }, numTrain),
  });
  const validation = mixed({
    old: balancedImages(base.validation, NUM_VALIDATION - numNewValidation, { seed, index: 1 }),
    added: augmentedDrawings({
      ...changed,
      drawings: heldOut ?? learned,
      count: numNewValidation,
      first: numNew,
    }),
    label,
    order: randomPermutation({ seed, stream: "replay", index: MIX_INDEX + 1 }, NUM_VALIDATION),
  });
  return { train, validation };
}

/** Beyond the keys of all classes, which are up to 255. */
const MIX_INDEX = 2 ** 16;

/** Every tenth is held out, where there are enough; null where none is. */
function splitDrawings(drawings: Uint8Array): { learned: Uint8Array; heldOut: Uint8Array | null } {
  const count = drawings.length / NUM_PIXELS;
  if (count < ENOUGH_DRAWINGS) return { learned: drawings, heldOut: null };
  const all = Array.from({ length: count }, (_, i) => i);
  const isHeldOut = (i: number) => i % DRAWINGS_PER_HELD_OUT === DRAWINGS_PER_HELD_OUT - 1;
  return {
    learned: pickImages(
      drawings,
      all.filter((i) => !isHeldOut(i)),
    ),
    heldOut: pickImages(drawings, all.filter(isHeldOut)),
  };
}

/** Images of all classes that there are, in turn; a class that is used up begins again. */
function balancedImages(
  { images, labels }: LabeledImages,
  count: number,
  { seed, index }: { seed: number; index: 0 | 1 },
): LabeledImages {
  const classes = [...new Set(labels)].toSorted((a, b) => a - b);
  const ofClasses = classes.map((label) => {
    const places = Array.from(labels.keys()).filter((place) => labels[place] === label);
    const order = randomPermutation(
      { seed, stream: "replay", index: 2 * label + index },
      places.length,
    );
    return Array.from(order, (at) => places[at] as number);
  });
  if (classes.length === 0 && count > 0) {
    throw new DataError("Expected images of the old classes, got none.");
  }
  const chosen = Array.from({ length: count }, (_, i) => {
    const places = ofClasses[i % classes.length] as number[];
    return places[Math.floor(i / classes.length) % places.length] as number;
  });
  return {
    images: pickImages(images, chosen),
    labels: Uint8Array.from(chosen, (place) => labels[place] as number),
    count,
  };
}

/** Old images and new ones in one order. */
function mixed(of: {
  old: LabeledImages;
  /** `[n, 28, 28]`. */
  added: Uint8Array;
  label: number;
  order: Uint32Array;
}): LabeledImages {
  const { old, added, label, order } = of;
  const images = new Uint8Array(order.length * NUM_PIXELS);
  const labels = new Uint8Array(order.length);
  for (const [to, from] of order.entries()) {
    const isOld = from < old.count;
    const image = isOld ? imageAt(old.images, from) : imageAt(added, from - old.count);
    images.set(image, to * NUM_PIXELS);
    labels[to] = isOld ? (old.labels[from] as number) : label;
  }
  return { images, labels, count: order.length };
}
