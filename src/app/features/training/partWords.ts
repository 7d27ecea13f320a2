import type { MeasureProgress } from "../../../engine/quality/figures.ts";
import type { RunPart } from "../../state/slices/run.ts";

const MEASURING_WORDS: Record<MeasureProgress["doing"], string> = {
  drawing: "drawing samples",
  classifying: "classifying",
  comparing: "comparing with training images",
  scaling: "measuring training images",
};

export function measuringWords(doing: MeasureProgress["doing"]): string {
  return MEASURING_WORDS[doing];
}

/** Another for whatever has its own time left. */
export function partKey(part: RunPart): string {
  return part.name === "Measuring quality" ? part.doing : part.name;
}
