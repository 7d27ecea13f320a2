import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { takesPoints } from "../../engine/nn/architectures.ts";
import type { EvaluationResult } from "../run/samplingProtocol.ts";

/** What the quality view measured of a run's samples. */
export interface Measurement
  extends Pick<EvaluationResult, "figures" | "real" | "frechetFloor" | "dataset"> {
  /** Left out by earlier versions, and where the table of datasets has it. */
  testMedianDistance?: number | null;
  /** How many samples, how they were drawn, and after how many training steps. */
  words: string;
}

/** What a person chooses for a run's page. */
export interface ReportChoices {
  /** Its heading; when left out, the name of the run. */
  title?: string | undefined;
  /** Below it, with an empty line between paragraphs; none when left out. */
  text?: string | undefined;
  /** Whether digits, or points, can be drawn on it; when left out, where the network can run there. */
  hasWeights?: boolean | undefined;
  /** The newest; none when left out. */
  measured?: Measurement | undefined;
}

/** Why a network cannot draw on other pages, with the module of `hosts/embed`; null where it can. */
export function drawingProblem(
  config: Pick<RunConfig, "architecture" | "attnDimHead">,
): string | null {
  const { attnDimHead } = config;
  if (takesPoints(config) || attnDimHead % 4 === 0) return null;
  return `expected attention heads of a multiple of 4 channels, got ${attnDimHead}.`;
}
