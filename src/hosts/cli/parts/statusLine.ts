/** Between two lines of a log. */
const LOG_INTERVAL_MS = 30_000;

/** How far a command is: a line that is written over on a terminal, and now and then one in a log. */
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

  /** Takes the line back, where it would be written over. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }

  /** A line that stays. */
  print(line: string): void {
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}\n` : `${line}\n`);
  }
}
