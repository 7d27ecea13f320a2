/**
 * `npm test`: types, style, unused code and all tests, with the time of each part. --all (`npm run test:all`) takes
 * the long forms of tests too, and mutates the sources; --repeat N (`npm run test:repeat -- N`; 5 when not
 * said) runs all parts N times, goes on after failures, and tells them at the end. Exit status: 0 when nothing failed, else 1.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, stripVTControlCharacters } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PARTS = [
  ["types", "typecheck"],
  ["style", "lint"],
  ["unused code", "unused"],
  ["unit tests", "test:unit"],
  ["browser tests", "test:e2e"],
];
/** As Vitest and Playwright name a test that failed; Playwright also numbers the elements that a locator finds. */
const FAILURE = /^ *(?:FAIL +|\d+\) (?=\[))(.*?)[ ─]*$/gm;
/** As the tests of other browsers say that one is missing. */
const UNTESTED = /^Not tested: .*$/gm;

const { values: options, positionals } = parseArgs({
  options: {
    all: { type: "boolean", default: false },
    repeat: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const numRuns = options.repeat ? Number(positionals[0] ?? 5) : 1;
if (!Number.isInteger(numRuns) || numRuns < 1 || positionals.length > (options.repeat ? 1 : 0)) {
  console.error(`Expected a whole number of runs, got ${positionals.join(" ")}.`);
  process.exit(1);
}
if (options.all) PARTS.push(["mutations", "test:mutation"]);
const env = { ...process.env, ...(options.all && { TEST_ALL: "1" }) };

const runs = [];
for (let i = 0; i < numRuns; i++) runs.push(await runOnce());
console.log(
  runs
    .map(({ seconds, failures, parts, untested }, i) => {
      const verdict = failures.length === 0 ? "passed" : `${failures.length} failed`;
      const name = numRuns > 1 ? `Run ${i + 1}: ` : "";
      return [
        `${name}${verdict} in ${time(seconds)} (${parts.join(", ")})`,
        ...failures,
        ...untested,
      ].join("\n  ");
    })
    .join("\n"),
);
process.exit(runs.every(({ failures }) => failures.length === 0) ? 0 : 1);

/** The parts one after the other; of a single run none after one that fails. */
async function runOnce() {
  const run = { seconds: 0, parts: [], failures: [], untested: [] };
  for (const [name, script] of PARTS) {
    const { status, text, seconds } = await npmRun(script);
    run.seconds += seconds;
    run.parts.push(`${name} ${time(seconds)}`);
    run.untested.push(...(text.match(UNTESTED) ?? []));
    if (status === 0) continue;
    const failed = [...stripVTControlCharacters(text).matchAll(FAILURE)].map(([, test]) => test);
    run.failures.push(...(failed.length > 0 ? new Set(failed) : [name]));
    if (!options.repeat) break;
  }
  return run;
}

/** Shows what the script prints as it comes, and keeps it. */
function npmRun(script) {
  const start = performance.now();
  const child = spawn("npm", ["run", script], {
    cwd: ROOT,
    env,
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
