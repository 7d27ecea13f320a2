import { formatCount, formatDuration, formatLoss, formatRate } from "../ui/format.ts";
import type { WorkerEvent } from "../worker/protocol.ts";

/** Steps over which the speed is averaged. */
const NUM_SPEED_STEPS = 30;
/** Between two lines of a log. */
const LOG_INTERVAL_MS = 30_000;

/** What a run tells, in a line: one that is written over on a terminal, and now and then one in a log. */
export class ProgressLine {
  readonly #totalSteps: number;
  readonly #numEpochs: number;
  readonly #stepsPerEpoch: number;
  /** When training ends whatever is left, on the clock of `performance`. */
  readonly #endMs: number;
  readonly #stepMs: number[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: { stepsPerEpoch: number; numEpochs: number; endMs: number }) {
    this.#stepsPerEpoch = options.stepsPerEpoch;
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
        this.#tell(this.#stepLine(newest.step, newest.loss));
        return;
      }
      case "validationProgress":
        this.#tell(
          `validating: ${formatCount(event.numImages)} of ${formatCount(event.totalImages)} images`,
        );
        return;
      case "epoch": {
        const { epoch, trainLoss, validationLoss } = event.epoch;
        const losses = `loss ${formatLoss(trainLoss)}, validation ${formatLoss(validationLoss)}`;
        this.print(`epoch ${epoch} of ${this.#numEpochs}: ${losses}`);
        return;
      }
      case "compileProgress":
        this.#tell(`${event.numCompiled} of ${event.numPrograms} programs compiled`);
        return;
      case "snapshotFailed":
      case "runFailed":
        this.print(event.message);
        return;
      default:
    }
  }

  /** A line that stays. */
  print(line: string): void {
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}\n` : `${line}\n`);
  }

  #stepLine(step: number, loss: number): string {
    const stepMs = this.#stepMs.reduce((sum, ms) => sum + ms, 0) / this.#stepMs.length;
    const epoch = Math.ceil(step / this.#stepsPerEpoch);
    const leftMs = Math.min(
      stepMs * (this.#totalSteps - step),
      Math.max(0, this.#endMs - performance.now()),
    );
    return [
      `epoch ${epoch} of ${this.#numEpochs}`,
      `step ${formatCount(step)} of ${formatCount(this.#totalSteps)}`,
      `loss ${formatLoss(loss)}`,
      `${formatRate(1000 / stepMs)} steps/s`,
      `${formatDuration(leftMs)} left`,
    ].join("  ");
  }

  #tell(line: string): void {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${line}`);
      return;
    }
    const nowMs = performance.now();
    if (nowMs - this.#lastMs < LOG_INTERVAL_MS) return;
    this.#lastMs = nowMs;
    this.print(line);
  }
}
