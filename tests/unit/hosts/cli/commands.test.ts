import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { LabeledImages } from "../../../../src/engine/data/dataset.ts";
import { IdxParser } from "../../../../src/engine/data/idx.ts";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { run as evaluate } from "../../../../src/hosts/cli/evaluate.ts";
import { run as exportWeights } from "../../../../src/hosts/cli/export.ts";
import { CommandError } from "../../../../src/hosts/cli/options.ts";
import { readImages } from "../../../../src/hosts/cli/parts/trainingImages.ts";
import { run as report } from "../../../../src/hosts/cli/report.ts";
import { run as sample } from "../../../../src/hosts/cli/sample.ts";
import { run as train } from "../../../../src/hosts/cli/train.ts";
import { decodeRunFile } from "../../../../src/runtime/files/runFile.ts";
import { decodeWeights } from "../../../../src/runtime/files/weightsFile.ts";

vi.mock("../../../../src/hosts/cli/parts/trainingImages.ts", { spy: true });

const disk = vi.hoisted(() => ({ isFull: false }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const writeFileSync: typeof fs.writeFileSync = (path, content, options) => {
    if (!disk.isFull) return fs.writeFileSync(path, content, options);
    fs.writeFileSync(path, Buffer.from(content as Uint8Array).subarray(0, 100), options);
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
  return { ...fs, writeFileSync };
});

const ROOT = join(import.meta.dirname, "../../../..");

let folder = "";
const fileIn = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "commands-"));
  vi.stubEnv("INIT_CWD", folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

interface Outcome {
  status: number | null;
  /** What it wrote, or why it was refused. */
  text: string;
}

const COMMANDS = { train, sample, evaluate, report, export: exportWeights };

/** A command in this process; one that only a person can put right ends with status 1, as in a shell. */
async function command([name, ...args]: [keyof typeof COMMANDS, ...string[]]): Promise<Outcome> {
  let text = "";
  const write = vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    text += chunk;
    return true;
  });
  // TensorFlow.js' word for each kernel that the command before has registered.
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const log = vi.spyOn(console, "log").mockImplementation((line) => {
    text += `${line}\n`;
  });
  try {
    return { status: await COMMANDS[name](args), text };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { status: 1, text: error.message };
  } finally {
    for (const spy of [write, warn, log]) spy.mockRestore();
  }
}

/** A process of its own; `until` presses Ctrl-C when its words match. */
function shell([program, ...args]: [string, ...string[]], until?: RegExp): Promise<Outcome> {
  // As npm tells where it was called.
  const env = { ...process.env, INIT_CWD: folder };
  const child = spawn(program, args, { cwd: ROOT, env });
  return new Promise((resolve) => {
    let text = "";
    let isSent = false;
    const hear = (chunk: Buffer) => {
      text += chunk;
      if (isSent || !until?.test(text)) return;
      isSent = true;
      // The terminal signals npm and its child, and npm passes its own on.
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGINT"), 5);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("close", (status) => resolve({ status, text }));
  });
}

const bytesOf = (name: string) => readFileSync(fileIn(name));
const runIn = (name: string) => decodeRunFile(decodeSafetensors(bytesOf(name)), "id", () => {});

/** Starts Node, Vite and a backend, which takes long where others compute. */
const PROCESS_MS = 180_000;

/** Of training that is not what is looked at: a few steps. */
const SHORT = ["--threads", "1", "--minutes", "0.001"];

describe("the commands", () => {
  it(
    "train until Ctrl-C, go on from the checkpoint for so many minutes, and tell the time left",
    async () => {
      const first = await shell(
        [
          ...([process.execPath, "src/hosts/cli/start.mjs", "train"] as const),
          ...["--preset", "tiny", "--threads", "2", "--out", "run.safetensors"],
          ...["--epochs", "2", "--config", "learningRate=2e-3"],
        ],
        /step 1 of/,
      );
      expect(first.text).toContain("on WebAssembly, 2 threads, into");
      expect(first.text).toMatch(
        /step 1 of 15,000 {2}loss \d\.\d{4} {2}[\d.]+ steps\/s {2}.+ left/,
      );
      expect(first.text).toContain("npm run train -- --resume");
      expect(first.status).toBe(130);
      const before = runIn("run.safetensors");
      expect(before.record).toMatchObject({ name: "Tiny", preset: "tiny", isFinished: false });
      expect(before.record.config).toMatchObject({ epochs: 2, learningRate: 2e-3 });
      expect(before.record.step).toBeGreaterThan(0);
      expect(before.record.device).toBe("WebAssembly, 2 threads");

      // As of a machine of more cores.
      const told = bytesOf("run.safetensors").toString("latin1");
      const many = told.replace("WebAssembly, 2 threads", "WebAssembly, 6 threads");
      writeFileSync(fileIn("run.safetensors"), many, "latin1");
      const again = await command(["train", "--resume", "run.safetensors", ...SHORT]);
      expect(again).toEqual({
        status: 0,
        text: expect.stringContaining("on WebAssembly, 1 thread, into"),
      });
      expect(again.text).toContain("It had 6 threads");
      const after = runIn("run.safetensors");
      expect(after.record.device).toBe("WebAssembly, 1 thread");
      expect(after.record.step).toBeGreaterThan(before.record.step);
      expect(after.history.steps.slice(0, before.record.step)).toEqual(before.history.steps);
    },
    PROCESS_MS,
  );

  it("do not write over a run", async () => {
    const before = bytesOf("run.safetensors");
    await expect(
      command(["train", "--preset", "tiny", "--out", "run.safetensors"]),
    ).resolves.toEqual({
      status: 1,
      text: expect.stringContaining(
        `Expected a new file for --out, but ${fileIn("run.safetensors")} is there.`,
      ),
    });
    expect(before.equals(bytesOf("run.safetensors"))).toBe(true);
  });

  it.each([
    ["begin a run in it", ["--preset", "tiny", "--out", "twice.safetensors"]],
    ["go on with it", ["--resume", "run.safetensors"]],
  ])("refuse a file that another command has begun to write, also to %s", async (_, args) => {
    const first = command(["train", ...args, ...SHORT]);
    const second = await command(["train", ...args, "--config", "seed=2", ...SHORT]);
    expect(second).toEqual({ status: 1, text: expect.stringContaining("another command") });
    expect((await first).status).toBe(0);
    expect(runIn(args.at(-1) as string).record.config.seed).toBe(0);
    expect(readdirSync(folder).filter((name) => /lock|part/.test(name))).toEqual([]);
  });

  it("draw digits as a picture and as IDX, and write weights that draw nearly the same", async () => {
    const weights = ["--weights", "run.safetensors"];
    const digits = ["--count", "3", "--steps", "2", "--seed", "5"];
    await command(["sample", ...weights, ...digits, "--out", "grid.png"]);

    await command(["sample", ...weights, ...digits, "--out", "samples.idx"]);
    const drawn = imagesIn("samples.idx");
    expect(drawn).toHaveLength(3 * 784);
    expect(Math.max(...drawn)).toBeGreaterThan(100);
    expect(pngDigits("grid.png", 3)).toEqual(drawn);

    await command(["export", ...weights, "--out", "weights.safetensors"]);
    const { network } = decodeWeights(bytesOf("weights.safetensors"));
    expect(network).toMatchObject({ dim: 8, dimMults: [1, 2] });
    const exported = ["--weights", "weights.safetensors", "--out", "again.idx"];
    await command(["sample", ...exported, ...digits]);
    const again = imagesIn("again.idx");
    const difference = Math.max(...again.map((value, i) => Math.abs(value - (drawn[i] ?? 0))));
    expect(difference).toBeLessThan(8);
  });

  it.each([
    ["export", "full.safetensors", []],
    ["report", "full.html", ["--no-weights"]],
    ["sample", "full.png", ["--count", "1", "--steps", "1"]],
  ] as const)(
    "say that the disk is full, and leave no half of a file: %s",
    async (name, out, options) => {
      const before = readdirSync(folder);
      disk.isFull = true;
      onTestFinished(() => {
        disk.isFull = false;
      });
      const full = await command([name, "--weights", "run.safetensors", "--out", out, ...options]);
      const words = `Expected to write ${fileIn(out)}: ENOSPC: no space left on device.`;
      expect(full).toEqual({ status: 1, text: expect.stringContaining(words) });
      expect(readdirSync(folder)).toEqual(before);
    },
  );

  it("begin a new run with the weights of a file, and its settings", async () => {
    const weights = ["--weights", "weights.safetensors"];
    const options = ["--config", "seed=3", "--out", "next.safetensors"];
    const { status, text } = await command(["train", ...weights, ...options, ...SHORT]);
    expect([status, text]).toEqual([0, expect.stringContaining("--resume")]);
    const [first, next] = [runIn("run.safetensors").record, runIn("next.safetensors").record];
    const { epochs } = presetConfig("tiny");
    expect(next.config).toEqual({ ...first.config, epochs, seed: 3 });
    expect(next.startedFrom).toEqual({
      fileName: "weights.safetensors",
      trainedSteps: first.step,
    });

    writeFileSync(fileIn("bare.safetensors"), withoutMetadata(bytesOf("weights.safetensors")));
    const bare = ["--weights", "bare.safetensors", "--out", "b.safetensors"];
    expect((await command(["train", ...bare, ...SHORT])).text).toContain(
      "check objective v, betaSchedule sigmoid, timesteps 1000. --config sets them.",
    );
  });

  it.each([
    ["weights that are to be resumed", ["--resume", "weights.safetensors"], "--weights instead"],
    [
      "two starts",
      ["--weights", "weights.safetensors", "--resume", "run.safetensors"],
      "Expected --resume without --weights",
    ],
    [
      "settings beside those of the file",
      ["--resume", "run.safetensors", "--preset", "tiny"],
      "Expected --resume without --preset",
    ],
  ])("do not train with %s", async (_, options, reason) => {
    const refusal = { status: 1, text: expect.stringContaining(reason) };
    expect(await command(["train", ...options])).toEqual(refusal);
  });

  it("end with status 0 where training stops early, after the epoch that is best, and again", async () => {
    const few = await firstImages(16, 8);
    vi.mocked(readImages).mockResolvedValueOnce(few).mockResolvedValueOnce(few);
    // So large that the loss soon rises.
    const settings = ["learningRate=0.1", "patience=1", "epochs=40", "batchSize=8"];
    settings.push("dim=4", "dimMults=1", "attnHeads=1", "attnDimHead=4", "previewTimesteps=1");
    const changes = settings.flatMap((setting) => ["--config", setting]);
    const run = ["--threads", "1", "--out", "early.safetensors"];
    const { status, text } = await command(["train", "--preset", "tiny", ...changes, ...run]);
    const { record } = runIn("early.safetensors");
    expect([status, text]).toEqual([0, expect.stringContaining(`step ${record.step} is in`)]);
    expect(record).toMatchObject({ isFinished: true, hasStoppedEarly: true });
    expect(record.bestValidationLoss).toBeLessThan(record.lastValidationLoss ?? Number.NaN);
    expect(await command(["train", "--resume", "early.safetensors", "--threads", "1"])).toEqual({
      status: 0,
      text: expect.stringMatching(/had ended before\. With .*patience/),
    });
  });

  it("measure a run, in words and in a file", async () => {
    vi.mocked(readImages).mockResolvedValueOnce(await firstImages(2000, 500));
    const { status, text } = await command([
      ...(["evaluate", "--weights", "run.safetensors"] as const),
      ...["--count", "20", "--steps", "2", "--images", "6", "--json", "figures.json"],
    ]);
    expect(status).toBe(0);
    const { figures, real, frechetFloor, likelihood } = JSON.parse(
      readFileSync(fileIn("figures.json"), "utf8"),
    );
    expect(figures.count).toBe(20);
    expect(text).toContain(`mean confidence ${" ".repeat(25)}${figures.meanConfidence.toFixed(3)}`);
    expect(text).toContain(`${(100 * figures.shareConfident).toFixed(1)} % (real test images 9`);
    // The classifier's own card says 0.993, of all test images.
    expect(real.meanConfidence).toBeGreaterThan(0.98);
    expect(figures.frechetDistance).toBeGreaterThan(frechetFloor.distance);
    expect(frechetFloor.count).toBe(20);
    expect(text).toContain(`(20 training images ${frechetFloor.distance.toFixed(3)})`);
    const { bits, standardError, count, prior, terms } = likelihood;
    expect(count).toBe(6);
    const sum = terms.reduce((all: number, term: { bits: number }) => all + term.bits, prior);
    expect(sum).toBeCloseTo(bits, 9);
    expect(text).toContain(
      `at most ${bits.toFixed(3)} ± ${standardError.toFixed(3)} (6 test images): ${terms[0].bits.toFixed(3)} at t = 0`,
    );

    const page = ["--figures", "figures.json", "--no-weights", "--out", "measured.html"];
    expect((await command(["report", "--weights", "run.safetensors", ...page])).status).toBe(0);
    const html = readFileSync(fileIn("measured.html"), "utf8");
    expect(html).toMatch(/"words":"20 samples in 2 steps of .* after \d+ training steps"/);
    expect(html).toContain(`"meanConfidence":${figures.meanConfidence}`);
  });

  it(
    "ask a network with classes for a text or a class, and measure what is read as asked",
    async () => {
      const few = await firstImages(40, 30);
      vi.mocked(readImages).mockResolvedValueOnce(few).mockResolvedValueOnce(few);
      const fewSteps = ["samplingTimesteps=1", "previewTimesteps=1", "validateEvery=0", "dim=4"];
      const changes = ["classes=10", "guidance=2", "evaluateEvery=1", ...fewSteps];
      const settings = changes.flatMap((change) => ["--config", change]);
      const run = "--preset tiny --epochs 1 --threads 1 --out asked.safetensors".split(" ");
      expect((await command(["train", ...run, ...settings])).text).toMatch(
        /, Read as asked 0\.\d+/,
      );

      const weights = ["--weights", "asked.safetensors", "--steps", "1"];
      await command(["sample", ...weights, "--text", "2026", "--out", "text.png"]);
      const { width, height } = decode(bytesOf("text.png"));
      expect(Math.round(width / height)).toBe(4);

      const asking = ["--class", "7", "--guidance", "1.5"];
      const measuring = ["--count", "20", "--images", "2", "--json", "asked.json"];
      const { text } = await command(["evaluate", ...weights, ...asking, ...measuring]);
      const { figures, samples } = JSON.parse(readFileSync(fileIn("asked.json"), "utf8"));
      expect(samples).toMatchObject({ guidance: 1.5, class: "7" });
      expect(figures.readAsAsked).toBe(figures.confusion[7][7] / 20);
      expect(text).toMatch(/^read as asked .* \(real test images /m);
      expect(text).toMatch(new RegExp(`^7 +${figures.confusion[7].join(" +")}$`, "m"));
    },
    PROCESS_MS,
  );

  it(
    "refuse an option that there is not in a shell, with those that there are",
    async () => {
      const { status, text } = await shell(["npm", "run", "sample", "--", "--wieghts", "x"]);
      expect(status).toBe(1);
      expect(text).toContain("Unknown option '--wieghts'.\nOptions:\n");
      const unknown = await shell([process.execPath, "src/hosts/cli/start.mjs", "nosuch"]);
      expect([unknown.status, unknown.text]).toEqual([1, expect.stringContaining("got nosuch")]);
      for (const words of [text, unknown.text]) expect(words).not.toMatch(/^ +at /m);
      const help = await shell(["npm", "run", "sample", "--", "--help"]);
      expect(help.status).toBe(0);
      expect(help.text).toContain("\n  --weights     a run, or a weights file\n");
      expect(help.text).toContain("\n  --seed        chooses the noise (default 0)\n");
    },
    PROCESS_MS,
  );

  it.each([
    ["a bare word", ["train", "quick"], "stand behind --: npm run train -- --preset quick."],
    ["a folder as file", ["evaluate", "--weights", "."], "there is no file."],
    ["no such file", ["evaluate", "--weights", "none.safetensors"], "none.safetensors there is no"],
    ["no such folder", ["sample", "--out", join("none", "samples.png")], "none first."],
    ["an unknown kind of picture", ["sample", "--out", "png"], "with .idx or .png, got png."],
    ["an empty file, as of an unset variable", ["train", "--resume", ""], "value for --resume"],
    ["an empty number", ["train", "--epochs", ""], "value for --epochs"],
    [
      "more threads than take turns well",
      ["train", "--threads", "6400"],
      "for --threads, got 6400",
    ],
    [
      "more digits than fit",
      ["sample", "--weights", "run.safetensors", "--count", "100000000"],
      "1 to 100000 for --count",
    ],
    ["an unknown backend", ["train", "--backend", "cuda"], "--backend wasm, webgpu, got cuda."],
  ] as const)("say what they expected when they got %s", async (_, args, reason) => {
    expect(await command([...args])).toEqual({ status: 1, text: expect.stringContaining(reason) });
  });
});

/** Of those that are measured with as well. */
async function firstImages(numTrain: number, numValidation: number) {
  const { id, name, train, validation } = await readImages();
  return { id, name, train: first(train, numTrain), validation: first(validation, numValidation) };
}

const first = ({ images, labels }: LabeledImages, count: number): LabeledImages => ({
  images: images.subarray(0, count * 784),
  labels: labels.subarray(0, count),
  count,
});

/** As PyTorch writes them, where one gives no metadata. */
function withoutMetadata(safetensors: Uint8Array): Uint8Array {
  const size = Number(new DataView(safetensors.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(safetensors.subarray(8, 8 + size)));
  delete header.__metadata__;
  const bare = safetensors.slice();
  bare.set(new TextEncoder().encode(JSON.stringify(header).padEnd(size)), 8);
  return bare;
}

/** The digits of a picture with two columns: of the square that each pixel is, the middle. */
function pngDigits(name: string, count: number): Uint8Array {
  const { data, width, channels } = decode(bytesOf(name));
  expect(channels).toBe(1);
  const scale = width / (28 + 2 + 28);
  const middle = (pixel: number) => Math.floor((pixel + 0.5) * scale);
  return Uint8Array.from({ length: count * 784 }, (_, i) => {
    const [digit, row, column] = [Math.floor(i / 784), Math.floor(i / 28) % 28, i % 28];
    const y = middle(Math.floor(digit / 2) * 30 + row);
    const x = middle((digit % 2) * 30 + column);
    return data[y * width + x] ?? 0;
  });
}

function imagesIn(name: string): Uint8Array {
  const parser = new IdxParser({ name, content: "images" });
  parser.push(bytesOf(name));
  return parser.finish();
}
