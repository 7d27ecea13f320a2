/** The settings of points in the plane, which a perceptron is trained on. */
import { POINT_SETS } from "../../data/pointSets.ts";
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
  numPoints: {
    kind: "integer",
    label: "Number of points",
    help: "Points to train on. They follow from the seed, and are the same for the same seed.",
    default: 4000,
    min: 10,
    max: 100_000,
  },
} as const satisfies Record<string, Hyperparameter>;
