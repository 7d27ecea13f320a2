import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type {
  FullResult,
  Reporter,
  Suite,
  TestCase,
  TestError,
  TestResult,
} from "@playwright/test/reporter";
import { FileProgress } from "./fileProgress.ts";

interface FileState {
  numLeft: number;
  numFailed: number;
  seconds: number;
}

/** A line a file that says how far the browser tests are, and what failed as soon as it has. */
export default class PlaywrightReporter implements Reporter {
  readonly #files = new Map<string, FileState>();
  readonly #failed: string[] = [];
  #progress = new FileProgress("browser tests", 0);
  #numPassed = 0;
  #numSkipped = 0;

  onBegin(_: unknown, suite: Suite) {
    for (const test of suite.allTests()) this.#stateOf(test).numLeft++;
    this.#progress = new FileProgress("browser tests", this.#files.size);
  }

  onTestEnd(test: TestCase, result: TestResult) {
    const state = this.#stateOf(test);
    state.numLeft--;
    state.seconds += result.duration / 1000;
    if (result.status === "skipped") this.#numSkipped++;
    else if (test.ok()) this.#numPassed++;
    else {
      state.numFailed++;
      // As `npm test` looks for it.
      const [, project, , ...titles] = test.titlePath();
      const name = `[${project}] › ${nameOf(test)}:${test.location.line} › ${titles.join(" › ")}`;
      this.#failed.push(name);
      console.log(`\n  ${this.#failed.length}) ${name}\n`);
      for (const error of result.errors) console.log(textOf(error));
      for (const { name, path } of result.attachments) if (path) console.log(`${name}: ${path}`);
      console.log();
    }
    if (state.numLeft === 0) this.#progress.fileDone(nameOf(test), state.seconds, state.numFailed);
  }

  /** Outside of any test, as where the page cannot be built. */
  onError(error: TestError) {
    console.log(textOf(error));
  }

  onStdErr(chunk: string | Buffer) {
    process.stderr.write(chunk);
  }

  onStdOut(chunk: string | Buffer) {
    process.stdout.write(chunk);
  }

  onEnd({ duration }: FullResult) {
    const lost = [...this.#files.values()].reduce((sum, { numLeft }) => sum + numLeft, 0);
    const minutes = (duration / 60_000).toFixed(1);
    console.log(`\n  ${this.#numPassed} passed (${minutes}m)`);
    if (this.#failed.length > 0) console.log(`  ${this.#failed.length} failed`);
    if (this.#numSkipped > 0) console.log(`  ${this.#numSkipped} skipped`);
    if (lost > 0) console.log(`  ${lost} did not run`);
  }

  printsToStdio() {
    return true;
  }

  #stateOf(test: TestCase): FileState {
    const name = nameOf(test);
    const state = this.#files.get(name) ?? { numLeft: 0, numFailed: 0, seconds: 0 };
    this.#files.set(name, state);
    return state;
  }
}

function nameOf({ location }: TestCase): string {
  return relative(process.cwd(), location.file);
}

function textOf({ stack, message, value, snippet = "" }: TestError): string {
  return `${stripVTControlCharacters(stack ?? message ?? value ?? "")}\n${snippet}`;
}
