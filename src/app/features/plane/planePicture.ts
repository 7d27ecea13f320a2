/**
 * The picture of the plane, on a canvas. Each layer is a function of what is known; from back to front they are heat (error or
 * density), data, arrows, particles, and the path of one of them.
 */
import { PLANE_EDGE, planeCounts, planeGrid } from "../../../engine/data/plane.ts";
import { posteriorMeans } from "../../../engine/diffusion/exactDenoiser.ts";
import { fieldOf, type NoiseLevel } from "../../../engine/diffusion/pointField.ts";
import type { PlaneDrawn } from "../../../runtime/run/samplingProtocol.ts";
import type { PlaneLayer } from "../../state/address.ts";

export interface PlaneColors {
  text: string;
  ground: string;
  /** Of the data, by class. */
  data: readonly string[];
  particles: string;
  exact: string;
  more: string;
  fewer: string;
  error: string;
  oneStep: string;
  /** What was drawn before straightening has this color. */
  before: string;
}

export interface PlaneData {
  /** `[N, 2]`. */
  points: Float32Array;
  /** `[N]`. */
  labels: Uint8Array;
}

export interface PlaneScene {
  /** What the network was trained on. */
  data: PlaneData;
  drawn: Pick<PlaneDrawn, "levels" | "frames" | "starts"> | null;
  /** The points as they are drawn in one step, `[count, 2]`; null where they are not. */
  oneStep: Float32Array | null;
  /** What the network drew before it was straightened; null where there is none. */
  before: { frames: readonly Float32Array[]; oneStep: Float32Array | null } | null;
  /** Whether the points walk at one noise level: the arrows then are its score. */
  isWalk: boolean;
  layers: readonly PlaneLayer[];
  /** Frames of sampling, from 0, noise, to their number less 1, data; between two points are on the straight line. */
  frame: number;
  picked: number | null;
}

/** Arrows along each side. */
export const GRID_SIZE = 17;

/** So many points of the data are drawn. */
const MAX_DATA = 2000;
/** So many paths are drawn. */
const MAX_PATHS = 80;
/** Cells of the density along each side. */
const DENSITY_CELLS = 24;

/** Where a place lies on a square canvas. */
function onCanvas(size: number) {
  const scale = size / (2 * PLANE_EDGE);
  return (x: number, y: number): [number, number] => [
    (x + PLANE_EDGE) * scale,
    (PLANE_EDGE - y) * scale,
  ];
}

/** The points of a time between two frames. */
export function pointsAt(frames: readonly Float32Array[], frame: number): Float32Array {
  const at = Math.min(Math.floor(frame), frames.length - 1);
  const [before, after] = [frames[at], frames[at + 1]] as [Float32Array, Float32Array | undefined];
  const share = frame - at;
  if (!after || share === 0) return before;
  return before.map((x, i) => x + share * ((after[i] as number) - x));
}

/** The point nearest to a place, by its index; null where none is within a twentieth of the picture's width. */
export function nearestPoint(
  points: Float32Array,
  [x, y]: readonly [number, number],
): number | null {
  let [nearest, distance] = [null as number | null, PLANE_EDGE / 10];
  for (let i = 0; i < points.length; i += 2) {
    const away = Math.hypot((points[i] as number) - x, (points[i + 1] as number) - y);
    if (away < distance) [nearest, distance] = [i / 2, away];
  }
  return nearest;
}

/** What a network would predict at the grid that knows the data by heart; kept, since it takes tens of milliseconds. */
const exactStarts = new WeakMap<Float32Array, Map<string, Float32Array<ArrayBuffer>>>();

function exactStartsAt({ points }: PlaneData, level: NoiseLevel): Float32Array<ArrayBuffer> {
  const known = exactStarts.get(points) ?? new Map<string, Float32Array<ArrayBuffer>>();
  exactStarts.set(points, known);
  const key = `${level.signal} ${level.noise}`;
  const starts = known.get(key) ?? posteriorMeans(points, planeGrid(GRID_SIZE), level);
  known.set(key, starts);
  return starts;
}

/** The frame whose field is shown: that of the time, or where only another was asked for, as while a run trains, that one. */
function fieldFrame({ drawn, frame }: PlaneScene): number {
  const starts = drawn?.starts ?? [];
  const at = Math.min(Math.round(frame), starts.length - 2);
  return starts[at] ? at : starts.findIndex((field) => field !== null);
}

/** Paints all layers onto a canvas that is as wide as high. */
export function paintPlane(
  context: CanvasRenderingContext2D,
  size: number,
  scene: PlaneScene,
  colors: PlaneColors,
): void {
  const { data, drawn, layers, frame, picked } = scene;
  const has = (layer: PlaneLayer) => layers.includes(layer);
  context.globalAlpha = 1;
  context.fillStyle = colors.ground;
  context.fillRect(0, 0, size, size);
  const at = drawn ? fieldFrame(scene) : -1;
  const from = drawn?.levels[at];
  // Without noise a step leads to where the score points.
  const to = scene.isWalk && from ? { ...from, noise: 0 } : drawn?.levels[at + 1];
  const starts = drawn?.starts[at] ?? null;
  const particles = drawn ? pointsAt(drawn.frames, frame) : null;
  if (has("density") && particles) paintDensity(context, size, { data, particles, colors });
  if (has("error") && starts && from) {
    paintError(context, size, { starts, exact: exactStartsAt(data, from), colors });
  }
  if (has("data")) paintData(context, size, data, colors);
  if (from && to) {
    const fields = [
      // Wider, so that it is seen beneath the other.
      {
        isShown: has("exact"),
        startsOf: () => exactStartsAt(data, from),
        style: { color: colors.exact, width: size / 230 },
      },
      {
        isShown: has("arrows"),
        startsOf: () => starts,
        style: { color: colors.text, width: size / 450 },
      },
    ].flatMap(({ isShown, startsOf, style }) => {
      const known = isShown ? startsOf() : null;
      return known ? [{ field: fieldOf(planeGrid(GRID_SIZE), known, from, to), ...style }] : [];
    });
    // One scale for both, so that equal arrows look equal.
    const longest = Math.max(1e-9, ...fields.map(({ field }) => longestArrow(field)));
    for (const field of fields) paintArrows(context, size, { ...field, longest });
  }
  if (has("paths") && drawn) {
    if (scene.before) paintPaths(context, size, scene.before.frames, colors.before);
    paintPaths(context, size, drawn.frames, colors.particles);
  }
  if (has("oneStep")) {
    const style = { radius: size / 320, alpha: 0.75 };
    const { oneStep, before } = scene;
    if (before?.oneStep) {
      paintPoints(context, size, before.oneStep, { ...style, color: colors.before });
    }
    if (oneStep) paintPoints(context, size, oneStep, { ...style, color: colors.oneStep });
  }
  if (has("particles") && particles) {
    paintPoints(context, size, particles, {
      color: colors.particles,
      radius: size / 320,
      alpha: 0.75,
    });
  }
  if (drawn && particles && picked !== null) {
    paintPath(context, size, { frames: drawn.frames, particles, picked, colors });
  }
}

function paintPoints(
  context: CanvasRenderingContext2D,
  size: number,
  points: Float32Array,
  { color, radius, alpha }: { color: string; radius: number; alpha: number },
): void {
  const place = onCanvas(size);
  context.globalAlpha = alpha;
  context.fillStyle = color;
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = place(points[i] as number, points[i + 1] as number);
    context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
  }
  context.globalAlpha = 1;
}

function paintData(
  context: CanvasRenderingContext2D,
  size: number,
  { points, labels }: PlaneData,
  colors: PlaneColors,
): void {
  const shown = Math.min(MAX_DATA, labels.length);
  for (const [label, color] of colors.data.entries()) {
    const own: number[] = [];
    for (let i = 0; i < shown; i++) {
      if ((labels[i] as number) % colors.data.length !== label) continue;
      own.push(points[2 * i] as number, points[2 * i + 1] as number);
    }
    paintPoints(context, size, Float32Array.from(own), { color, radius: size / 400, alpha: 0.45 });
  }
}

function longestArrow(field: Float32Array): number {
  let longest = 0;
  for (let i = 0; i < field.length; i += 2) {
    longest = Math.max(longest, Math.hypot(field[i] as number, field[i + 1] as number));
  }
  return longest;
}

/** An arrow of the length `longest` is about as long as the cells of the grid are wide; the others are in proportion. */
function paintArrows(
  context: CanvasRenderingContext2D,
  size: number,
  {
    field,
    longest,
    color,
    width,
  }: { field: Float32Array; longest: number; color: string; width: number },
): void {
  const places = planeGrid(GRID_SIZE);
  const place = onCanvas(size);
  const cell = size / GRID_SIZE;
  const scale = (0.95 * cell) / longest;
  const head = cell / 5;
  context.strokeStyle = color;
  context.lineWidth = Math.max(1, width);
  context.beginPath();
  for (let i = 0; i < field.length; i += 2) {
    const [x, y] = place(places[i] as number, places[i + 1] as number);
    const [dx, dy] = [scale * (field[i] as number), -scale * (field[i + 1] as number)];
    const length = Math.hypot(dx, dy);
    // The middle of an arrow is at its place.
    const [tipX, tipY] = [x + dx / 2, y + dy / 2];
    context.moveTo(x - dx / 2, y - dy / 2);
    context.lineTo(tipX, tipY);
    if (length < 2) continue;
    const angle = Math.atan2(dy, dx);
    const barb = Math.min(head, length / 2);
    for (const turn of [2.6, -2.6]) {
      context.moveTo(tipX, tipY);
      context.lineTo(tipX + barb * Math.cos(angle + turn), tipY + barb * Math.sin(angle + turn));
    }
  }
  context.stroke();
}

function paintCells(
  context: CanvasRenderingContext2D,
  size: number,
  cells: number,
  colorOf: (cell: number) => { color: string; alpha: number },
): void {
  const width = size / cells;
  for (let cell = 0; cell < cells ** 2; cell++) {
    const { color, alpha } = colorOf(cell);
    if (alpha < 0.01) continue;
    context.globalAlpha = Math.min(0.75, alpha);
    context.fillStyle = color;
    context.fillRect((cell % cells) * width, Math.floor(cell / cells) * width, width, width);
  }
  context.globalAlpha = 1;
}

/** How far the predicted x_0 lies from the exact one: full color for a distance of 1. */
function paintError(
  context: CanvasRenderingContext2D,
  size: number,
  of: { starts: Float32Array; exact: Float32Array; colors: PlaneColors },
): void {
  const { starts, exact, colors } = of;
  paintCells(context, size, GRID_SIZE, (cell) => ({
    color: colors.error,
    alpha: Math.hypot(
      (starts[2 * cell] as number) - (exact[2 * cell] as number),
      (starts[2 * cell + 1] as number) - (exact[2 * cell + 1] as number),
    ),
  }));
}

/** Where more, or fewer, of the drawn points lie than of the data, as a share of the densest cell of the data. */
function paintDensity(
  context: CanvasRenderingContext2D,
  size: number,
  of: { data: PlaneData; particles: Float32Array; colors: PlaneColors },
): void {
  const { data, particles, colors } = of;
  const shares = (points: Float32Array) =>
    planeCounts(points, DENSITY_CELLS).map((count) => (2 * count) / points.length);
  const [own, expected] = [shares(particles), shares(data.points)];
  const most = expected.reduce((a, b) => Math.max(a, b), 1e-9);
  paintCells(context, size, DENSITY_CELLS, (cell) => {
    const difference = (own[cell] as number) - (expected[cell] as number);
    return {
      color: difference > 0 ? colors.more : colors.fewer,
      alpha: Math.abs(difference) / most,
    };
  });
}

/** The paths of the first points. */
function paintPaths(
  context: CanvasRenderingContext2D,
  size: number,
  frames: readonly Float32Array[],
  color: string,
): void {
  const place = onCanvas(size);
  const numPaths = Math.min(MAX_PATHS, (frames[0]?.length ?? 0) / 2);
  context.strokeStyle = color;
  context.lineWidth = size / 540;
  context.beginPath();
  for (let i = 0; i < numPaths; i++) {
    for (const [frame, points] of frames.entries()) {
      const at = place(points[2 * i] as number, points[2 * i + 1] as number);
      if (frame === 0) context.moveTo(...at);
      else context.lineTo(...at);
    }
  }
  context.stroke();
}

function paintPath(
  context: CanvasRenderingContext2D,
  size: number,
  of: {
    frames: readonly Float32Array[];
    particles: Float32Array;
    picked: number;
    colors: PlaneColors;
  },
): void {
  const { frames, particles, picked, colors } = of;
  const place = onCanvas(size);
  context.strokeStyle = colors.particles;
  context.lineWidth = size / 200;
  context.beginPath();
  for (const points of frames) {
    context.lineTo(...place(points[2 * picked] as number, points[2 * picked + 1] as number));
  }
  context.stroke();
  const [x, y] = place(particles[2 * picked] as number, particles[2 * picked + 1] as number);
  context.fillStyle = colors.text;
  context.beginPath();
  context.arc(x, y, size / 90, 0, 2 * Math.PI);
  context.fill();
}
