/** What the page says about a stored run. Pure. */
import { PRESETS, type PresetName } from "../../../engine/config/presets.ts";
import { DEFAULT_DATASET } from "../../../engine/data/datasets.ts";
import { POINTS_DATASET } from "../../../engine/data/pointSets.ts";
import { formatCount, formatLoss, formatMegabytes } from "../../../runtime/format.ts";
import type { RunStatus } from "../../../runtime/run/events.ts";
import { numSteps, type Run } from "../../state/slices/run.ts";
import type { ReadableRun } from "../../state/slices/storedRuns.ts";

type Standing = Pick<ReadableRun, "step" | "stepsPerEpoch" | "numEpochs" | "config">;

/** The run with the progress of the page, unless another tab has trained it further since it was opened. */
export function standing(saved: ReadableRun, live: Run | null): ReadableRun {
  if (live?.runId !== saved.runId) return saved;
  const step = numSteps(live);
  if (step < saved.step) return saved;
  const loss = live.epochs.at(-1)?.validationLoss ?? Number.NaN;
  return {
    ...saved,
    step,
    // Its history may have gaps.
    numEpochs: Math.max(live.epochs.at(-1)?.epoch ?? 0, Math.ceil(step / saved.stepsPerEpoch) - 1),
    lastValidationLoss: Number.isFinite(loss) ? loss : saved.lastValidationLoss,
  };
}

/** `1,234 of 6,250` */
export function formatStep({ step, stepsPerEpoch, config }: Standing): string {
  return `${formatCount(step)} of ${formatCount(stepsPerEpoch * config.epochs)}`;
}

/** `2 of 3`: the current epoch, or the last. */
export function formatEpoch({ numEpochs, stepsPerEpoch, step, config }: Standing): string {
  const isBetween = step === numEpochs * stepsPerEpoch && numEpochs > 0;
  const epoch = isBetween ? numEpochs : numEpochs + 1;
  return `${formatCount(Math.min(epoch, config.epochs))} of ${formatCount(config.epochs)}`;
}

/** `Quick, on “Your files”, 40 images`, `Points, on “two moons”, 16,000 points`; MNIST is not named. */
export function formatOrigin({ preset, dataset }: Pick<ReadableRun, "preset" | "dataset">): string {
  const label = Object.hasOwn(PRESETS, preset) ? PRESETS[preset as PresetName].label : preset;
  if (dataset.id === DEFAULT_DATASET) return label;
  const samples = dataset.id === POINTS_DATASET ? "points" : "images";
  return `${label}, on “${dataset.name}”, ${formatCount(dataset.numTrain)} ${samples}`;
}

/** With their names; `–` for what is missing. */
export function figures(run: ReadableRun): { name: string; value: string }[] {
  const loss = (value: number | null) => (value === null ? "–" : formatLoss(value));
  return [
    { name: "Step", value: formatStep(run) },
    { name: run.config.distilFrom > 0 ? "Phase" : "Epoch", value: formatEpoch(run) },
    { name: "Validation", value: loss(run.lastValidationLoss) },
    { name: "Best", value: loss(run.bestValidationLoss) },
    { name: "Size", value: formatMegabytes(run.totalBytes) },
  ];
}

export type RunState = "unfinished" | "finished" | "training" | "paused";

/** @param status of the run where this tab trains it, else null */
export function runState(
  run: Pick<ReadableRun, "isFinished" | "hasStoppedEarly" | "hasSpentBudget">,
  status: RunStatus | null,
): { state: RunState; words: string } {
  if (status === "paused") return { state: "paused", words: "Paused" };
  if (status !== null) return { state: "training", words: "Training now" };
  if (run.hasSpentBudget) return { state: "finished", words: "Sweep run finished" };
  if (!run.isFinished) return { state: "unfinished", words: "Unfinished" };
  return { state: "finished", words: run.hasStoppedEarly ? "Stopped early" : "Finished" };
}
