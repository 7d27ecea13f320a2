/**
 * The table of points in the plane, for a network that learns in seconds. Every set is centered, and about as wide as the
 * noise that it is mixed with (standard deviation 1).
 */

interface PointSetEntry {
  label: string;
  help: string;
  /** The share of the points that each class has; null where the person's own points say so. */
  shares: readonly number[] | null;
  /**
   * A point of a class.
   *
   * @param of.u two numbers uniform in (0, 1), which say where on the shape
   * @param of.z two standard normal numbers, which say how far from it
   * @param of.own the person's own points of the class
   */
  point(of: { label: number; u: Pair; z: Pair; own: readonly Pair[] }): Pair;
}

/** The id that points have among datasets. */
export const POINTS_DATASET = "points";

/** The most points that a person can draw. */
export const MAX_OWN_POINTS = 250;
/** The most classes that they can have. */
export const MAX_OWN_CLASSES = 3;

export type Pair = readonly [number, number];

const EIGHTH = Array.from({ length: 8 }, () => 1 / 8);

export const POINT_SETS = {
  moons: {
    label: "two moons",
    help: "Two moons hook into each other.",
    shares: [1 / 2, 1 / 2],
    point({ label, u: [u], z }) {
      const [x, y] = onCircle(u / 2);
      const moon: Pair = label === 0 ? [x - 0.5, y - 0.25] : [0.5 - x, 0.25 - y];
      return blurred(scaled(moon, 1.5), z, 0.1);
    },
  },
  circles: {
    label: "circles",
    help: "Circles lie one inside the other.",
    shares: [1 / 2, 1 / 2],
    point: ({ label, u: [u], z }) => blurred(scaled(onCircle(u), label === 0 ? 0.8 : 1.8), z, 0.08),
  },
  swissRoll: {
    label: "Swiss roll",
    help: "The Swiss roll is one band, rolled up (Marsland 2014).",
    shares: [1],
    point({ u: [u], z }) {
      const turns = 0.75 * (1 + 2 * u);
      return blurred(scaled(onCircle(turns), turns), z, 0.06);
    },
  },
  checkerboard: {
    label: "checkerboard",
    help: "The checkerboard has sharp edges.",
    shares: [1],
    point({ u: [u, v] }) {
      const x = 4 * u;
      const row = 2 * Math.floor(2 * v) + (Math.floor(x) % 2);
      return [x - 2, row + ((2 * v) % 1) - 2];
    },
  },
  gaussians: {
    label: "eight Gaussians",
    help: "Eight Gaussians stand in a circle.",
    shares: EIGHTH,
    point: ({ label, z }) => blurred(scaled(onCircle(label / 8), 1.8), z, 0.15),
  },
  spiral: {
    label: "spiral",
    help: "The spiral has two arms.",
    shares: [1 / 2, 1 / 2],
    point({ label, u: [u], z }) {
      const radius = Math.sqrt(u);
      return blurred(scaled(onCircle(1.25 * radius + label / 2), 2.2 * radius), z, 0.06);
    },
  },
  modes: {
    label: "two modes",
    help: "Of two modes one has four times as many points (Song and Ermon 2019).",
    shares: [4 / 5, 1 / 5],
    point: ({ label, z }) => blurred([label === 0 ? -1.5 : 1.5, label === 0 ? -1 : 1], z, 0.3),
  },
  own: {
    label: "your own",
    help: "Your own are drawn with the pointer, or a digit's ink.",
    shares: null,
    point: ({ u: [u], z, own }) => blurred(own[Math.floor(u * own.length)] ?? [0, 0], z, 0.06),
  },
} as const satisfies Record<string, PointSetEntry>;

export type PointSetId = keyof typeof POINT_SETS;

interface OwnSettings {
  points: PointSetId;
  /** Those that the person has drawn: x and y in hundredths, and the class, one after the other. */
  ownPoints: readonly number[];
}

/** The share of the points that each class has. */
export function classShares(settings: OwnSettings): readonly number[] {
  const { shares } = POINT_SETS[settings.points];
  if (shares) return shares;
  const counts = Array.from(
    { length: MAX_OWN_CLASSES },
    (_, label) => ownPointsOf(settings, label).length,
  );
  const numClasses = 1 + counts.findLastIndex((count) => count > 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.slice(0, numClasses).map((count) => count / total);
}

/** The points of a class that a person has drawn. */
export function ownPointsOf({ ownPoints }: Pick<OwnSettings, "ownPoints">, label: number): Pair[] {
  const own: Pair[] = [];
  for (let i = 0; i < ownPoints.length; i += 3) {
    const [x, y, of] = ownPoints.slice(i, i + 3) as [number, number, number];
    if (of === label) own.push([x / 100, y / 100]);
  }
  return own;
}

/** The point of the unit circle after so many turns. */
function onCircle(turns: number): Pair {
  return [Math.cos(2 * Math.PI * turns), Math.sin(2 * Math.PI * turns)];
}

function scaled([x, y]: Pair, factor: number): Pair {
  return [factor * x, factor * y];
}

function blurred([x, y]: Pair, [zx, zy]: Pair, deviation: number): Pair {
  return [x + deviation * zx, y + deviation * zy];
}
