/**
 * `npm test`: types, style, unused code, unit tests and browser tests, what one runs before every push. `npm run test:all`
 * (--all) has the tests that are tagged `long`, too, before a release and every night. `npm run test:repeat -- N [FILE...]
 * [--busy]` (--repeat) runs all parts N times, or each browser test of some files, goes on after failures, and tells them at
 * the end; with --busy beside two processes that keep as many processors from it. Exit status: 0 when nothing failed, else 1.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, stripVTControlCharacters } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BROWSER_TESTS = {
  name: "browser tests",
  script: ["test:e2e", "--", "--reporter=./tests/progress/playwrightReporter.ts"],
};
/** With how many seconds each may take on two cores that do nothing else, in the short form and in the long. */
const PARTS = [
  { name: "types", script: ["typecheck"], budgets: [10, 10] },
  { name: "style", script: ["lint"], budgets: [5, 5] },
  { name: "unused code", script: ["unused"], budgets: [5, 5] },
  {
    name: "unit tests",
    script: ["test:unit", "--", "--reporter=./tests/progress/vitestReporter.ts"],
    budgets: [150, 900],
  },
  { ...BROWSER_TESTS, budgets: [300, 1780] },
];
const NUM_SLOWEST = 10;
const NUM_BUSY = 2;
/** Computes until this process has ended, however that came. */
const KEEP_BUSY = "const parent = process.ppid; while (process.ppid === parent);";
/** As Vitest and Playwright name a test that failed; Playwright also numbers the elements that a locator finds. */
const FAILURE = /^ *(?:FAIL +|\d+\) (?=\[))(.*?)[ ─]*$/gm;
/** As the tests say what they leave out, and how to have it. */
const UNTESTED = /^Not tested: .*$/gm;

const { values: options, positionals } = parseArgs({
  options: {
    all: { type: "boolean", default: false },
    repeat: { type: "boolean", default: false },
    busy: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [count = 5, ...files] = options.repeat ? positionals : [1, ...positionals];
const times = Number(count);
if (!Number.isInteger(times) || times < 1 || (files.length > 0 && !options.repeat)) {
  console.error(`Expected a whole number of runs, got ${positionals.join(" ")}.`);
  process.exit(1);
}
const { name, script } = BROWSER_TESTS;
const [numRuns, parts] =
  files.length === 0
    ? [times, PARTS]
    : [1, [{ name, script: [...script, `--repeat-each=${times}`, ...files], budgets: [] }]];
const folder = mkdtempSync(join(tmpdir(), "tests-"));
const env = { ...process.env, ...(options.all && { TEST_ALL: "1" }) };
const busy = Array.from({ length: options.busy ? NUM_BUSY : 0 }, () =>
  spawn(process.execPath, ["-e", KEEP_BUSY]),
);

const runs = [];
for (let i = 0; i < numRuns; i++) runs.push(await runOnce(join(folder, `${i}.jsonl`)));
for (const process of busy) process.kill();
rmSync(folder, { recursive: true });
for (const [i, run] of runs.entries()) tell(run, numRuns > 1 ? `Run ${i + 1}: ` : "");
process.exit(runs.every(({ failures }) => failures.length === 0) ? 0 : 1);

/** The parts one after the other; of a single run none after one that fails. */
async function runOnce(timesPath) {
  const run = { seconds: 0, parts: [], failures: [], untested: new Set(), slowest: [] };
  for (const { name, script, budgets } of parts) {
    const { status, text, seconds } = await npmRun(script, timesPath);
    const budget = budgets[options.all ? 1 : 0];
    run.seconds += seconds;
    run.parts.push(
      `${name.padEnd(14)} ${time(seconds)}${budget ? `, of ${time(budget)} that it may take` : ""}`,
    );
    for (const line of text.match(UNTESTED) ?? []) run.untested.add(line);
    if (status === 0) continue;
    const failed = [...stripVTControlCharacters(text).matchAll(FAILURE)].map(([, test]) => test);
    run.failures.push(...(failed.length > 0 ? new Set(failed) : [name]));
    if (!options.repeat) break;
  }
  run.slowest = timesIn(timesPath).slice(0, NUM_SLOWEST);
  return run;
}

function tell({ seconds, parts, failures, untested, slowest }, run) {
  const verdict = failures.length === 0 ? "passed" : `${failures.length} failed`;
  console.log(`\n${run}${verdict} in ${time(seconds)}`);
  for (const part of parts) console.log(`  ${part}`);
  if (slowest.length > 0) console.log("The slowest files, their tests together:");
  for (const { file, seconds } of slowest) console.log(`  ${time(seconds).padEnd(6)} ${file}`);
  if (failures.length > 0) console.log("Failed:");
  for (const failure of failures) console.log(`  ${failure}`);
  for (const line of untested) console.log(line);
}

/** Of the files with tests, those that took longest first. */
function timesIn(path) {
  try {
    const lines = readFileSync(path, "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line)).sort((a, b) => b.seconds - a.seconds);
  } catch {
    // No part with tests has begun.
    return [];
  }
}

/** Shows what the script prints as it comes, and keeps it. */
function npmRun(script, timesPath) {
  const start = performance.now();
  const child = spawn("npm", ["run", ...script], {
    cwd: ROOT,
    env: { ...env, TEST_TIMES: timesPath },
    shell: process.platform === "win32",
    stdio: ["inherit", "pipe", "pipe"],
  });
  let text = "";
  for (const name of ["stdout", "stderr"]) {
    child[name].on("data", (chunk) => {
      text += chunk;
      process[name].write(chunk);
    });
  }
  return new Promise((resolve) => {
    child.on("close", (status) => {
      resolve({ status, text, seconds: (performance.now() - start) / 1000 });
    });
  });
}

function time(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
