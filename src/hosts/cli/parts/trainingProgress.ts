import { FORWARD_SHARE } from "../../../engine/nn/multiplyAdds.ts";
import { metricsOf, numberIn } from "../../../engine/train/metrics.ts";
import type { EpochReport } from "../../../engine/train/reports.ts";
import {
  formatCount,
  formatDuration,
  formatLoss,
  formatPercent,
  formatRate,
} from "../../../runtime/format.ts";
import type { WorkerEvent } from "../../../runtime/run/events.ts";
import type { StatusLine } from "./statusLine.ts";

/** Steps over which the speed is averaged. */
const NUM_SPEED_STEPS = 30;

/** What a run tells, in words. */
export class TrainingProgress {
  readonly #totalSteps: number;
  readonly #numEpochs: number;
  readonly #stepsPerEpoch: number;
  /** What a validation takes, in training steps. */
  readonly #stepsPerValidation: number;
  /** When training ends whatever is left, on the clock of `performance`. */
  readonly #endMs: number;
  readonly #stepMs: number[] = [];
  readonly #line: StatusLine;

  constructor(options: {
    line: StatusLine;
    stepsPerEpoch: number;
    numEpochs: number;
    numTrainImages: number;
    numValidationImages: number;
    endMs: number;
  }) {
    this.#line = options.line;
    this.#stepsPerEpoch = options.stepsPerEpoch;
    this.#stepsPerValidation =
      (FORWARD_SHARE * options.stepsPerEpoch * options.numValidationImages) /
      options.numTrainImages;
    this.#numEpochs = options.numEpochs;
    this.#totalSteps = options.stepsPerEpoch * options.numEpochs;
    this.#endMs = options.endMs;
  }

  take(event: WorkerEvent): void {
    switch (event.type) {
      case "steps": {
        const newest = event.steps.at(-1);
        if (!newest) return;
        this.#stepMs.push(...event.steps.map(({ stepMs }) => stepMs));
        this.#stepMs.splice(0, this.#stepMs.length - NUM_SPEED_STEPS);
        this.#line.tell(this.#stepLine(newest.step, newest.loss));
        return;
      }
      case "validationProgress":
        this.#line.tell(
          `validating: ${formatCount(event.numImages)} of ${formatCount(event.totalImages)} images`,
        );
        return;
      case "qualityProgress":
        this.#line.tell(`measuring quality, ${event.doing}: ${formatPercent(event.fraction)}`);
        return;
      case "epoch": {
        const { epoch } = event;
        this.#line.print(`epoch ${epoch.epoch} of ${this.#numEpochs}: ${epochWords(epoch)}`);
        return;
      }
      case "compileProgress":
        this.#line.tell(`${event.numCompiled} of ${event.numPrograms} programs compiled`);
        return;
      case "runFailed":
        this.#line.print(event.details ?? event.message);
        return;
      case "snapshotFailed":
      case "qualityFailed":
        this.#line.print(event.message);
        return;
      default:
    }
  }

  #stepLine(step: number, loss: number): string {
    const stepMs = this.#stepMs.reduce((sum, ms) => sum + ms, 0) / this.#stepMs.length;
    const epoch = Math.ceil(step / this.#stepsPerEpoch);
    const validationsLeft = this.#numEpochs - epoch + 1;
    const stepsLeft = this.#totalSteps - step + validationsLeft * this.#stepsPerValidation;
    const leftMs = Math.min(stepMs * stepsLeft, Math.max(0, this.#endMs - performance.now()));
    return [
      `epoch ${epoch} of ${this.#numEpochs}`,
      `step ${formatCount(step)} of ${formatCount(this.#totalSteps)}`,
      `loss ${formatLoss(loss)}`,
      `${formatRate(1000 / stepMs)} steps/s`,
      `${formatDuration(leftMs)} left`,
    ].join("  ");
  }
}

/** All numbers of an epoch that are exported, by their labels. */
function epochWords(epoch: EpochReport): string {
  const words = metricsOf({ steps: [], epochs: [epoch] }).flatMap((metric) => {
    const value = numberIn(epoch, metric);
    return value === undefined || metric.tag === null
      ? []
      : `${metric.title ?? metric.label} ${formatLoss(value)}`;
  });
  return words.join(", ");
}
