import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { presetConfig } from "../../../src/config/presets.ts";
import { IdxParser } from "../../../src/data/idx.ts";
import { decodeSafetensors } from "../../../src/formats/safetensors.ts";
import { decodeWeights } from "../../../src/train/weightsFile.ts";
import { decodeRunFile } from "../../../src/worker/runFile.ts";

const ROOT = join(import.meta.dirname, "../../..");
/** Each starts Node, Vite and a backend, and reads MNIST. */
const TIMEOUT_MS = 180_000;

let folder = "";
const fileIn = (name: string) => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "commands-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A command as npm starts it; `until` presses Ctrl-C when its words match. */
function command(args: string[], until?: RegExp): Promise<{ status: number | null; text: string }> {
  const env = { ...process.env, INIT_CWD: folder };
  const child = spawn(process.execPath, ["src/commands/start.mjs", ...args], { cwd: ROOT, env });
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

const bytesOf = (name: string) => new Uint8Array(readFileSync(fileIn(name)));
const runIn = (name: string) => decodeRunFile(decodeSafetensors(bytesOf(name)), "id", () => {});

describe("the commands", () => {
  it(
    "train until Ctrl-C, go on from the checkpoint for so many minutes, and tell the time left",
    async () => {
      const first = await command(
        [
          ...["train", "--preset", "tiny", "--threads", "2", "--out", "run.safetensors"],
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

      const again = await command([
        "train",
        "--resume",
        "run.safetensors",
        "--minutes",
        "0.05",
        "--threads",
        "1",
      ]);
      expect(again.text).toContain("on WebAssembly, 1 thread, into");
      expect(again.status).toBe(0);
      const after = runIn("run.safetensors");
      expect(after.record.step).toBeGreaterThan(before.record.step);
      expect(after.history.steps.slice(0, before.record.step)).toEqual(before.history.steps);
    },
    TIMEOUT_MS,
  );

  it(
    "do not write over a run",
    async () => {
      const { status, text } = await command([
        "train",
        "--preset",
        "tiny",
        "--out",
        "run.safetensors",
      ]);
      expect(status).toBe(1);
      expect(text).toContain(
        `Expected a new file for --out, but ${fileIn("run.safetensors")} is there.`,
      );
      expect(text).not.toContain("at ");
    },
    TIMEOUT_MS,
  );

  it(
    "draw digits as a picture and as IDX, and write weights that draw nearly the same",
    async () => {
      const weights = ["--weights", "run.safetensors"];
      const digits = ["--count", "3", "--steps", "2", "--seed", "5"];
      await command(["sample", ...weights, ...digits, "--out", "grid.png"]);

      await command(["sample", ...weights, ...digits, "--out", "samples.idx"]);
      const drawn = imagesIn("samples.idx");
      expect(drawn).toHaveLength(3 * 784);
      expect(Math.max(...drawn)).toBeGreaterThan(100);
      expect(pngDigits("grid.png", 3)).toEqual(drawn);

      await command(["export", ...weights, "--out", "weights.safetensors"]);
      const { unet } = decodeWeights(bytesOf("weights.safetensors"));
      expect(unet).toMatchObject({ dim: 8, dimMults: [1, 2] });
      await command([
        "sample",
        "--weights",
        "weights.safetensors",
        ...digits,
        "--out",
        "again.idx",
      ]);
      const again = imagesIn("again.idx");
      const difference = Math.max(...again.map((value, i) => Math.abs(value - (drawn[i] ?? 0))));
      expect(difference).toBeLessThan(8);
    },
    TIMEOUT_MS,
  );

  it(
    "begin a new run with the weights of a file, and its settings",
    async () => {
      const weights = ["--weights", "weights.safetensors"];
      const options = ["--minutes", "0.01", "--config", "seed=3", "--out", "next.safetensors"];
      const { status, text } = await command(["train", ...weights, ...options]);
      expect([status, text]).toEqual([0, expect.stringContaining("--resume")]);
      const [first, next] = [runIn("run.safetensors").record, runIn("next.safetensors").record];
      const { epochs } = presetConfig("tiny");
      expect(next.config).toEqual({ ...first.config, epochs, seed: 3 });
      expect(next.startedFrom).toEqual({
        fileName: "weights.safetensors",
        trainedSteps: first.step,
      });

      writeFileSync(fileIn("bare.safetensors"), withoutMetadata(bytesOf("weights.safetensors")));
      const bare = ["--weights", "bare.safetensors", "--minutes", "0.01", "--out", "b.safetensors"];
      expect((await command(["train", ...bare])).text).toContain(
        "check objective v, betaSchedule sigmoid, timesteps 1000. --config sets them.",
      );

      const resumed = await command(["train", "--resume", "weights.safetensors"]);
      expect(resumed.text).toContain("--weights instead of --resume.");
      const run = await command([
        "train",
        "--weights",
        "run.safetensors",
        "--out",
        "x.safetensors",
      ]);
      expect(run.text).toContain("is a run. Go on with --resume, or export its weights first.");
      const both = await command(["train", ...weights, "--resume", "run.safetensors"]);
      expect(both.text).toContain(
        "Expected --resume without --weights: the file has its own settings.",
      );
    },
    TIMEOUT_MS,
  );

  it(
    "measure a run, in words and in a file",
    async () => {
      const options = ["--count", "20", "--steps", "2", "--json", "figures.json"];
      const { status, text } = await command([
        "evaluate",
        "--weights",
        "run.safetensors",
        ...options,
      ]);
      expect(status).toBe(0);
      const { figures, real, frechetFloor } = JSON.parse(
        readFileSync(fileIn("figures.json"), "utf8"),
      );
      expect(figures.count).toBe(20);
      expect(text).toContain(
        `mean confidence ${" ".repeat(25)}${figures.meanConfidence.toFixed(3)}`,
      );
      expect(text).toContain(
        `${(100 * figures.shareConfident).toFixed(1)} % (real test images 98.`,
      );
      // The classifier's own card says 0.993.
      expect(real.meanConfidence).toBeCloseTo(0.993, 2);
      expect(figures.frechetDistance).toBeGreaterThan(frechetFloor.distance);
      expect(frechetFloor.count).toBe(20);
      expect(text).toContain(`(20 training images ${frechetFloor.distance.toFixed(3)})`);
    },
    TIMEOUT_MS,
  );

  it(
    "say which options there are, and what is expected of them",
    async () => {
      const unknown = await command(["sample", "--wieghts", "x"]);
      expect(unknown.status).toBe(1);
      expect(unknown.text).toContain("Unknown option '--wieghts'.\nOptions:\n");
      const help = await command(["sample", "--help"]);
      expect(help.status).toBe(0);
      expect(help.text).toContain("\n  --weights    a run, or a weights file\n");
      expect(help.text).toContain("\n  --count      digits (default 100)\n");
      const bare = await command(["train", "quick"]);
      expect(bare.text).toContain("stand behind --: npm run train -- --preset quick.");
      const directory = await command(["evaluate", "--weights", "."]);
      expect(directory.text).toMatch(/at .+ there is no file\.$/m);
      const missing = await command(["evaluate", "--weights", "none.safetensors"]);
      expect(missing.text).toContain(
        `Expected --weights FILE, but at ${fileIn("none.safetensors")} there is no file.`,
      );
      const folder = ["--out", join("none", "samples.png")];
      const lost = await command(["sample", "--weights", "run.safetensors", ...folder]);
      expect(lost.text).toContain(`Make ${fileIn("none")} first.`);
      const preset = await command(["train", "--resume", "run.safetensors", "--preset", "tiny"]);
      expect(preset.text).toContain(
        "Expected --resume without --preset: the file has its own settings.",
      );
      const ending = await command(["sample", "--weights", "run.safetensors", "--out", "png"]);
      expect(ending.text).toContain("Expected --out with .idx or .png, got png.");
      const backend = await command(["train", "--backend", "cuda"]);
      expect(backend.text).toContain("Expected --backend wasm or --backend webgpu, got cuda.");
    },
    TIMEOUT_MS,
  );
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
