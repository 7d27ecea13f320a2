/** A plane of digits between four corners: of four classes, or of the noises of a batch's first four digits. Pure. */
import { type Label, labelsOfText } from "../../../../engine/config/condition.ts";
import { className, type Naming, ownNames } from "../../../../engine/data/datasets.ts";
import type { AskedDigits } from "../../../../runtime/sampling/ask.ts";

/** Digits beside each other in the plane's grid, and below each other. */
const PLANE_SIDE = 7;

/** Place from the left and from the top, 0 to 1. */
export type PlanePoint = readonly [x: number, y: number];

const GRID = Array.from({ length: PLANE_SIDE ** 2 }, (_, i): PlanePoint => {
  return [(i % PLANE_SIDE) / (PLANE_SIDE - 1), Math.floor(i / PLANE_SIDE) / (PLANE_SIDE - 1)];
});

/**
 * The shares of the corners, in the order of reading, that add up to 1. Of noises, whose squares have to, see
 * `noiseShares`.
 */
function classShares([x, y]: PlanePoint): number[] {
  return [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y];
}

/** On the sphere (Shoemake 1985), where the noises, which are independent, are nearly at right angles. */
function noiseShares([x, y]: PlanePoint): number[] {
  const [right, bottom] = [(x * Math.PI) / 2, (y * Math.PI) / 2];
  return [
    Math.cos(right) * Math.cos(bottom),
    Math.sin(right) * Math.cos(bottom),
    Math.cos(right) * Math.sin(bottom),
    Math.sin(right) * Math.sin(bottom),
  ];
}

/** The place in the grid that is nearest to a point. */
export function nearestPlace([x, y]: PlanePoint): number {
  const [column, row] = [x, y].map((share) => Math.round(share * (PLANE_SIDE - 1)));
  return (row as number) * PLANE_SIDE + (column as number);
}

/** The point at a share of the grid's width and height: the middles of its outer digits are its corners. */
export function pointAt(share: PlanePoint): PlanePoint {
  const [x, y] = share.map((of) => (of * PLANE_SIDE - 0.5) / (PLANE_SIDE - 1)) as [number, number];
  return within([x, y]);
}

/** The inverse of `pointAt`. */
export function shareAt([x, y]: PlanePoint): PlanePoint {
  return [(x * (PLANE_SIDE - 1) + 0.5) / PLANE_SIDE, (y * (PLANE_SIDE - 1) + 0.5) / PLANE_SIDE];
}

/** A step of the arrow keys; finer with Shift. */
const [STEP, FINE_STEP] = [0.05, 0.01];

/** The point after a key; null where it does nothing here. */
export function pointAfterKey(
  [x, y]: PlanePoint,
  { key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">,
): PlanePoint | null {
  const step = shiftKey ? FINE_STEP : STEP;
  const moves: Record<string, PlanePoint> = {
    ArrowLeft: [x - step, y],
    ArrowRight: [x + step, y],
    ArrowUp: [x, y - step],
    ArrowDown: [x, y + step],
  };
  const moved = moves[key];
  return moved ? within(moved) : null;
}

function within([x, y]: PlanePoint): PlanePoint {
  return [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
}

/** The four classes at the corners, or the one of a plane of noise; null when they are neither. */
function cornerClasses(text: string, classes: number, naming: Naming): number[] | null {
  const names = ownNames(naming);
  const named = names && namedClasses(text, classes, names);
  if (named) return named.length === 4 || named.length === 1 ? named : null;
  try {
    const isSeparated = /\S[\s,]+\S/.test(text.trim());
    const corners = isSeparated
      ? text
          .trim()
          .split(/[\s,]+/)
          .map(Number)
      : labelsOfText(text, classes);
    const areClasses = corners.every((of) => Number.isInteger(of) && of >= 0 && of < classes);
    return areClasses && (corners.length === 4 || corners.length === 1) ? corners : null;
  } catch {
    return null;
  }
}

/** Null where it is not all names. */
function namedClasses(text: string, classes: number, names: readonly string[]): number[] | null {
  try {
    return labelsOfText(text, classes, names);
  } catch {
    return null;
  }
}

export interface AskedInPlane extends AskedDigits {
  /** How the noises are mixed, where the corners are noise: see `mixedNormals`. */
  mixes?: readonly (readonly number[])[];
}

/**
 * The digits at some points of the plane, those of its grid when left out; or what is wrong.
 *
 * @param corners as typed, numbers of classes or their names; no effect on a network without classes
 */
export function askedInPlane(
  corners: string,
  {
    classes,
    naming,
    points = GRID,
  }: { classes: number; naming: Naming; points?: readonly PlanePoint[] | undefined },
): { asked: AskedInPlane | null; errors: { corners?: string } } {
  const of = classes > 0 ? cornerClasses(corners, classes, naming) : [];
  if (!of) {
    const what = ownNames(naming)
      ? "Four classes by name, with commas between them,"
      : `Four numbers from 0 to ${classes - 1}`;
    const corners = `${what} for the corners, or one for a plane of noise`;
    return { asked: null, errors: { corners } };
  }
  const all = (label: Label): Label[] => points.map(() => label);
  const words = planeWords(of, naming);
  const grid = { count: points.length, words, rows: null, columns: PLANE_SIDE };
  if (of.length === 4) {
    const labels = points.map((point): Label => ({ of, shares: classShares(point) }));
    return { asked: { ...grid, labels, isShared: true }, errors: {} };
  }
  const mixes = points.map(noiseShares);
  const [label] = of;
  const labels = label === undefined ? null : all(label);
  return { asked: { ...grid, labels, mixes, isShared: false }, errors: {} };
}

/** @param corners four classes, or the one of a plane of noise, or none */
function planeWords(corners: readonly number[], naming: Naming): string {
  const names = corners.map((label) => className(naming, label));
  const { length } = corners;
  if (length === 4) return `A plane between ${names.slice(0, 3).join(", ")} and ${names[3]}`;
  const ofClass = length === 0 ? "" : `, all of class ${names[0]},`;
  return `A plane of ${naming.noun}s${ofClass} between four noises`;
}
