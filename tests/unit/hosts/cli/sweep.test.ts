import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { readImages } from "../../../../src/hosts/cli/parts/trainingImages.ts";
import { run as sweep } from "../../../../src/hosts/cli/sweep.ts";
import { decodeRunFile } from "../../../../src/runtime/files/runFile.ts";
import type { Sweep } from "../../../../src/runtime/run/sweep.ts";
import { smallDataset } from "../../engine/train/smallRun.ts";

vi.mock("../../../../src/hosts/cli/parts/trainingImages.ts", { spy: true });

let folder = "";
/** What the command said. */
let text = "";
/** Called with every line of it. */
let onLine = (_line: string) => {};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sweep-"));
  vi.stubEnv("INIT_CWD", folder);
});
beforeEach(() => {
  text = "";
  onLine = () => {};
  const say = (line: string) => {
    text += `${line}\n`;
    onLine(line);
  };
  vi.spyOn(process.stderr, "write").mockImplementation((line) => {
    say(String(line));
    return true;
  });
  vi.spyOn(console, "log").mockImplementation(say);
  // TensorFlow.js' word for each kernel that the command before has registered.
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.mocked(readImages).mockResolvedValue({
    ...smallDataset({ numTrain: 32 }),
    id: "mnist",
    name: "MNIST",
  });
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const SMALL = "dim=4 dimMults=1 attnHeads=1 attnDimHead=4 batchSize=1 previewTimesteps=1"
  .split(" ")
  .flatMap((setting) => ["--config", setting]);
const LIVE = ["--config", "validateEvery=1"];

/** Of 32 images, an epoch has 32 steps. */
function small(out: string, ...options: string[]): Promise<number> {
  return sweep(["--preset", "tiny", "--threads", "1", "--out", out, ...SMALL, ...options]);
}

const textOf = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");
const stateOf = (out: string): Sweep => JSON.parse(textOf(out, "sweep.json")).sweep;

/** Without times. */
const resultsOf = (out: string) =>
  stateOf(out).runs.map(({ results }) => results.map(({ trainedMs: _, ...result }) => result));

function runOf(out: string, index: number) {
  const bytes = readFileSync(join(folder, out, `run-${index + 1}.safetensors`));
  const { record, checkpoints } = decodeRunFile(decodeSafetensors(bytes), "id", () => {});
  return { record, newest: checkpoints.at(-1) };
}

describe("npm run sweep", () => {
  it("trains every combination to its budget, prints the table and writes it as CSV", async () => {
    const vary = ["--vary", "learningRate=1e-3, 1e-5", "--vary", "seed=0-1"];
    expect(await small("grid", ...vary, ...LIVE, "--steps", "2")).toBe(0);
    const rows = text.split("\n").map((line) => line.trim().split(/\s{2,}/));
    const table = rows.slice(rows.findIndex(([first]) => first === "run"));
    expect(table.slice(0, 7).map((row) => row.slice(0, 5))).toEqual([
      ["run", "learningRate", "seed", "state", "steps"],
      ["1", "0.001", "0", "done", "2"],
      ["2", "0.001", "1", "done", "2"],
      ["3", "0.00001", "0", "done", "2"],
      ["4", "0.00001", "1", "done", "2"],
      ["mean", "0.001", "2 seeds", expect.stringContaining(" ± "), expect.any(String)],
      ["mean", "0.00001", "2 seeds", expect.stringContaining(" ± "), expect.any(String)],
    ]);
    const csv = textOf("grid", "sweep.csv").split("\r\n");
    expect(csv[0]).toBe("run,learningRate,seed,state,step,minutes,loss,live_validation_loss");
    expect(csv[4]).toMatch(/^4,0.00001,1,done,2,[\d.e-]+,[\d.]+,[\d.]+$/);
    const { record } = runOf("grid", 3);
    expect(record).toMatchObject({
      name: "Learning rate 0.00001, Seed 1",
      step: 2,
      preset: "tiny",
    });
    expect(record.config).toMatchObject({ learningRate: 1e-5, seed: 1, dim: 4 });
  }, 120_000);

  it("is refused a folder that another sweep is writing, also to begin in it, and leaves no lock", async () => {
    const plan = ["--vary", "seed=0-1", "--steps", "1"];
    const ends = await Promise.allSettled([
      small("shared", ...plan),
      small("shared", "--vary", "seed=5-6", "--steps", "1"),
      sweep(["--out", "shared"]),
    ]);
    const message = `Expected ${join(folder, "shared")} to be free, but another command`;
    const refused = { reason: { message: expect.stringContaining(message) } };
    expect(ends).toMatchObject([{ value: 0 }, refused, refused]);
    expect(stateOf("shared").plan.runs).toEqual([{ seed: 0 }, { seed: 1 }]);
    const left = [...readdirSync(folder), ...readdirSync(join(folder, "shared"))];
    expect(left.filter((name) => /lock|part/.test(name))).toEqual([]);
  }, 120_000);

  it("goes on after Ctrl-C in the middle, as if there had been none", {
    tags: "long",
    timeout: 300_000,
  }, async () => {
    const options = ["--vary", "seed=0-3", "--steps", "4", "--halving", "2", ...LIVE];
    expect(await small("whole", ...options)).toBe(0);
    // In the first round, then in a later one.
    for (const moment of ["Run 2 of 4, round 1 of 3", /round 2 of 3/]) {
      onLine = (line) => {
        if (line.search(moment) < 0) return;
        onLine = () => {};
        process.emit("SIGINT");
      };
      const isFirst = typeof moment === "string";
      const again = isFirst ? small("halves", ...options) : sweep(["--out", "halves"]);
      expect(await again).toBe(130);
      expect(text).toContain("Go on with: npm run sweep -- --out");
    }
    // The same options are no others.
    expect(await small("halves", ...options)).toBe(0);
    expect(resultsOf("halves")).toEqual(resultsOf("whole"));
    expect(
      resultsOf("whole")
        .map((results) => results.at(-1)?.step)
        .sort(),
    ).toEqual([1, 1, 2, 4]);
    for (const index of [0, 1, 2, 3]) {
      expect(runOf("halves", index).newest).toEqual(runOf("whole", index).newest);
    }
    // There is nothing left.
    expect(await sweep(["--out", "halves"])).toBe(0);
  });

  it("goes on with the others where a run diverges", async () => {
    const hot = "optimizer=muon muonRateFactor=1000 learningRate=0.1";
    const cool = "optimizer=muon muonRateFactor=1 learningRate=1e-4";
    expect(await small("list", "--run", hot, "--run", cool, "--steps", "12")).toBe(0);
    const ends = stateOf("list").runs.map(({ results }) => results.map(({ end }) => end));
    expect(ends).toEqual([["diverged"], ["stopped"]]);
    expect(stateOf("list").runs[0]?.failure).toMatch(/learning rate/);
    expect(text).toMatch(/^1 .* diverged /m);
  }, 120_000);

  it("tells which losses are not to be compared", async () => {
    expect(await small("objectives", "--vary", "objective=v,noise", "--steps", "1")).toBe(0);
    expect(text).toContain("Losses with different Objective are not to be compared.");
  }, 120_000);

  it.each([
    [["--steps", "1"], "Expected --vary name=values or --run"],
    [["--vary", "seed=0-1", "--run", "seed=1", "--steps", "1"], "got both"],
    [["--vary", "seed=0-1"], "Expected --steps or --minutes of each run, got neither."],
    [["--vary", "seed=0-1", "--steps", "1", "--minutes", "1"], "got both."],
    [["--vary", "seed=0-1", "--minutes=-1"], "Expected --minutes above 0, got -1."],
    [["--vary", "seed=0-1", "--steps", "many"], "for --steps, got many."],
    [["--vary", "seed=0-1", "--vary", "seed=2", "--steps", "1"], "Expected --vary seed once."],
    [["--vary", "seeds=0-1", "--steps", "1"], "Expected the name of a setting, got seeds."],
    [["--vary", "seed", "--steps", "1"], "Expected values of Seed, such as 0-4, got none."],
    [["--vary", "seed=0-1", "--vary", "dim=4,5", "--steps", "1"], "The run with seed 0, dim 5: "],
    [["--vary", "seed=0-199", "--vary", "dropout=0,0.1", "--steps", "1"], "at most 200 runs"],
    [["--vary", "seed=0-1", "--steps", "1", "--halving", "3"], "at least 3 runs"],
    [["--vary", "seed=0-1", "--steps", "1", "--config", "dim=x"], "dim: A whole number"],
    [["--vary", "seed=0-1", "--steps", "1", "--backend", "cuda"], "--backend wasm, webgpu"],
  ])("says what it expected when it got %s", async (options, reason) => {
    await expect(small("refused", ...options)).rejects.toThrow(reason);
    expect(() => textOf("refused", "sweep.json")).toThrow("ENOENT");
  });

  it("does not write over what is in the folder", async () => {
    const plan = ["--vary", "seed=0-1", "--steps", "1"];
    mkdirSync(join(folder, "others"));
    writeFileSync(join(folder, "others", "notes.txt"), "");
    await expect(small("others", ...plan)).rejects.toThrow("has other files. Name another.");
    await expect(small("no/folder", ...plan)).rejects.toThrow("in a folder that is there");
    mkdirSync(join(folder, "damaged"));
    writeFileSync(join(folder, "damaged", "sweep.json"), "{");
    await expect(small("damaged", ...plan)).rejects.toThrow("damaged or of another version");
    await small("started", ...plan);
    const before = textOf("started", "sweep.json");
    await expect(small("started", "--vary", "seed=0-2", "--steps", "1")).rejects.toThrow(
      "Expected the options of the sweep in",
    );
    await expect(sweep(["--out", "started", "--data", "fashion"])).rejects.toThrow(
      "Expected --data mnist of the sweep in",
    );
    const others = { ...smallDataset({ numTrain: 31 }), id: "mnist", name: "MNIST" };
    vi.mocked(readImages).mockResolvedValue(others);
    await expect(sweep(["--out", "started"])).rejects.toThrow(
      "This sweep trains on “MNIST”, but others of that name are loaded.",
    );
    expect(textOf("started", "sweep.json")).toBe(before);
  }, 120_000);
});
