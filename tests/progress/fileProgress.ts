import { appendFileSync } from "node:fs";

/** Tells after each file how far a part of the tests is; `npm test` has its reporters tell of unit and browser tests so. */
export class FileProgress {
  readonly #startMs = performance.now();
  #numDone = 0;

  constructor(
    readonly part: string,
    readonly numFiles: number,
  ) {}

  /** @param seconds that its tests took, together */
  fileDone(file: string, seconds: number, numFailed: number) {
    this.#numDone++;
    const outcome = numFailed > 0 ? `  ${numFailed} FAILED` : "";
    console.log(
      `${this.part}, ${this.#time()}: ${this.#numDone} of ${this.numFiles} files  ${file} ${seconds.toFixed(1)} s${outcome}`,
    );
    // For the slowest of all parts, which `npm test` tells at its end.
    const path = process.env.TEST_TIMES;
    if (path) appendFileSync(path, `${JSON.stringify({ file, seconds })}\n`);
  }

  #time(): string {
    const seconds = Math.round((performance.now() - this.#startMs) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}
