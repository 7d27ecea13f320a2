import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { runLength, teacherPasses, validatedImages } from "../../../engine/config/runLength.ts";
import type { Budget } from "../../../engine/config/sweep.ts";
import { FORWARD_SHARE } from "../../../engine/nn/multiplyAdds.ts";
import { metricsOf, numberIn } from "../../../engine/train/metrics.ts";
import type { EpochReport } from "../../../engine/train/reports.ts";
import {
  formatCount,
  formatDuration,
  formatEpochPlace,
  formatLoss,
  formatPercent,
  formatRate,
} from "../../../runtime/format.ts";
import type { WorkerEvent } from "../../../runtime/run/events.ts";
import type { StatusLine } from "./statusLine.ts";

/** Steps over which the speed is averaged. */
const NUM_SPEED_STEPS = 30;

interface ProgressOptions {
  line: StatusLine;
  /** Settings of the run. */
  config: RunConfig;
  stepsPerEpoch: number;
  numTrainImages: number;
  numValidationImages: number;
  /** When training ends whatever is left, on the clock of `performance`. */
  endMs: number;
  /** Where a run of a sweep ends before its last epoch. */
  budget?: Budget | undefined;
}

/** The events of a run, as text. */
export class TrainingProgress {
  readonly #options: ProgressOptions;
  readonly #stepMs: number[] = [];
  /** Loss of the newest live validation. */
  #liveLoss: number | undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  take(event: WorkerEvent): void {
    const { line, config } = this.#options;
    switch (event.type) {
      case "steps": {
        const newest = event.steps.at(-1);
        if (!newest) return;
        this.#stepMs.push(...event.steps.map(({ stepMs }) => stepMs));
        this.#stepMs.splice(0, this.#stepMs.length - NUM_SPEED_STEPS);
        this.#liveLoss =
          event.steps.findLast(({ liveLoss }) => liveLoss)?.liveLoss ?? this.#liveLoss;
        line.tell(this.#stepLine(newest.step, newest.loss));
        return;
      }
      case "validationProgress":
        line.tell(
          `validating: ${formatCount(event.numImages)} of ${formatCount(event.totalImages)} images`,
        );
        return;
      case "qualityProgress":
        line.tell(`measuring quality, ${event.doing}: ${formatPercent(event.fraction)}`);
        return;
      case "epoch":
        line.print(`${formatEpochPlace(config, event.epoch.epoch)}: ${formatEpoch(event.epoch)}`);
        return;
      case "compileProgress":
        line.tell(`${event.numCompiled} of ${event.numPrograms} programs compiled`);
        return;
      case "runFailed":
        line.print(event.details ?? event.message);
        return;
      case "snapshotFailed":
      case "qualityFailed":
        line.print(event.message);
        return;
      default:
    }
  }

  #stepLine(step: number, loss: number): string {
    const { config, stepsPerEpoch, numTrainImages, numValidationImages, endMs } = this.#options;
    const { budget } = this.#options;
    const stepMs = this.#stepMs.reduce((sum, ms) => sum + ms, 0) / this.#stepMs.length;
    const epoch = Math.ceil(step / stepsPerEpoch);
    const most = budget && "steps" in budget ? budget.steps : Number.POSITIVE_INFINITY;
    const totalSteps = Math.min(most, stepsPerEpoch * config.epochs);
    const epochsLeft = Math.floor(totalSteps / stepsPerEpoch) - epoch + 1;
    const { imagesPerStep } = runLength(config, numTrainImages);
    // What a validation takes, in training steps, of which the passes of a teacher are a larger part.
    const teaching = FORWARD_SHARE * teacherPasses(config);
    const share = (FORWARD_SHARE + teaching) / (1 + teaching);
    const numValidated = validatedImages(config, numValidationImages);
    const validationSteps = (share * numValidated) / imagesPerStep;
    const stepsLeft = totalSteps - step + epochsLeft * validationSteps;
    const leftMs = Math.min(stepMs * stepsLeft, Math.max(0, endMs - performance.now()));
    const progress = { step, totalSteps, loss, liveLoss: this.#liveLoss, stepMs, leftMs };
    return `${formatEpochPlace(config, epoch)}  ${stepText(progress)}`;
  }
}

/** How far training is, in steps; `leftMs` is the time left. */
export function stepText(
  of: Record<"step" | "totalSteps" | "loss" | "stepMs" | "leftMs", number> & {
    liveLoss?: number | undefined;
  },
): string {
  return [
    `step ${formatCount(of.step)} of ${formatCount(of.totalSteps)}`,
    `loss ${formatLoss(of.loss)}`,
    ...(of.liveLoss === undefined ? [] : [`live validation ${formatLoss(of.liveLoss)}`]),
    `${formatRate(1000 / of.stepMs)} steps/s`,
    `${formatDuration(of.leftMs)} left`,
  ].join("  ");
}

/** All numbers of an epoch that are exported, by their labels. */
function formatEpoch(epoch: EpochReport): string {
  const words = metricsOf({ steps: [], epochs: [epoch] }).flatMap((metric) => {
    const value = numberIn(epoch, metric);
    return value === undefined || metric.tag === null
      ? []
      : `${metric.title ?? metric.label} ${formatLoss(value)}`;
  });
  return words.join(", ");
}
