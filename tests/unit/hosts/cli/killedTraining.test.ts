/** `npm run train` in processes of their own, which are killed at any moment. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { decodeRunFile } from "../../../../src/runtime/files/runFile.ts";
import { checksumOf } from "../../../../src/runtime/storage/checkpoints.ts";
import { inFull } from "../../../inFull.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const NUM_KILLS = inFull ? 15 : 2;
const MAX_TRAINING_MS = 2000;
/** Saves some three times a second. */
const SETTINGS = ["dim=8", "previewEvery=0", "checkpointMinutes=0.005"].flatMap((setting) => [
  "--config",
  setting,
]);

it(
  "a run that is killed again and again has a whole file each time, and goes on to the same bits",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "killed-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "run.safetensors");
    const command = (name: string, ...args: string[]) => {
      const child = spawn(process.execPath, ["src/hosts/cli/start.mjs", name, ...args], {
        cwd: ROOT,
        env: { ...process.env, INIT_CWD: folder },
      });
      let text = "";
      const isTraining = new Promise<void>((resolve) => {
        const hear = (chunk: Buffer) => {
          text += chunk;
          if (/step \d+ of/.test(text)) resolve();
        };
        child.stdout.on("data", hear);
        child.stderr.on("data", hear);
      });
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      return { child, isTraining, ended, told: () => text };
    };
    const read = (name: string) => {
      const { record, checkpoints } = decodeRunFile(
        decodeSafetensors(readFileSync(join(folder, name))),
        "id",
        () => {},
      );
      const { tensors, metadata } = decodeSafetensors(
        checkpoints.at(-1)?.bytes ?? new Uint8Array(),
      );
      const sums = Array.from(tensors, ([name, { values }]) => [
        name,
        checksumOf(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
      ]);
      return { step: record.step, sums, position: metadata.position };
    };

    let step = -1;
    for (let kill = 0; kill < NUM_KILLS; kill++) {
      const start = existsSync(path)
        ? ["--resume", path]
        : ["--preset", "tiny", "--out", path, ...SETTINGS];
      const { child, isTraining, ended } = command("train", "--threads", "1", ...start);
      await isTraining;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_TRAINING_MS));
      child.kill("SIGKILL");
      await ended;
      const now = read("run.safetensors").step;
      expect(now, `after kill ${kill}`).toBeGreaterThanOrEqual(step);
      step = now;
    }
    const last = command("train", "--resume", path, "--threads", "1", "--minutes", "0.01");
    expect([await last.ended, last.told()]).toEqual([0, expect.stringContaining("is in ")]);
    // Neither locks nor halves of files are left.
    expect(readdirSync(folder)).toEqual(["run.safetensors"]);

    const killed = read("run.safetensors");
    const plan = ["--preset", "tiny", "--vary", "seed=0-1", "--steps", `${killed.step}`];
    const straight = command("sweep", "--threads", "1", ...plan, ...SETTINGS);
    expect([await straight.ended, straight.told()]).toEqual([0, expect.anything()]);
    expect(read(join("sweep", "run-1.safetensors"))).toEqual(killed);
  },
  inFull ? 600_000 : 180_000,
);
