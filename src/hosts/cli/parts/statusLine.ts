import type { MeasureProgress } from "../../../engine/quality/figures.ts";
import { formatDuration, formatPercent } from "../../../runtime/format.ts";

/** Between two lines of a log. */
const LOG_INTERVAL_MS = 30_000;

/** The progress of a command: a line that is overwritten on a terminal; in a log, a line now and then. */
export class StatusLine {
  #lastMs = Number.NEGATIVE_INFINITY;

  tell(line: string): void {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${line}`);
      return;
    }
    const nowMs = performance.now();
    if (nowMs - this.#lastMs < LOG_INTERVAL_MS) return;
    this.#lastMs = nowMs;
    this.print(line);
  }

  /** Erases the line on a terminal. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }

  /** A line that stays. */
  print(line: string): void {
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}\n` : `${line}\n`);
  }

  /** The result of the work; meanwhile the line shows its progress and the time left. */
  async follow<R>(work: AsyncGenerator<MeasureProgress, R>): Promise<R> {
    let doing = "";
    let startMs = 0;
    while (true) {
      const { done, value } = await work.next();
      if (done) return value;
      const { fraction } = value;
      if (value.doing !== doing) {
        doing = value.doing;
        startMs = performance.now();
      }
      const leftMs = ((performance.now() - startMs) * (1 - fraction)) / fraction;
      const left = fraction > 0 && leftMs > 0 ? `, ${formatDuration(leftMs)} left` : "";
      this.tell(`${doing}: ${formatPercent(fraction)}${left}`);
    }
  }
}
