/** The settings of points in the plane, which a perceptron is trained on. */
import { MAX_OWN_POINTS, POINT_SETS } from "../../data/pointSets.ts";
import { type Hyperparameter, tableHelp } from "./kinds.ts";

export const POINTS = {
  points: {
    kind: "choice",
    label: "Points",
    get help() {
      return `What the points look like. ${tableHelp(POINT_SETS)}`;
    },
    default: "moons",
    options: POINT_SETS,
  },
  ownPoints: {
    kind: "integers",
    label: "Your own points",
    help: "Three numbers for each: x and y in hundredths, and its class, from 0 to 2. A run learns points that lie around them.",
    // A triangle, until something is drawn.
    default: [-120, -100, 0, 120, -100, 0, 0, 130, 0],
    min: -400,
    max: 400,
    maxLength: 3 * MAX_OWN_POINTS,
  },
  numPoints: {
    kind: "integer",
    label: "Number of points",
    help: "Points to train on. They follow from the seed, and are the same for the same seed.",
    default: 4000,
    min: 10,
    max: 100_000,
  },
} as const satisfies Record<string, Hyperparameter>;
