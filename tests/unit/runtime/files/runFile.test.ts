import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import {
  readSafetensorsData,
  readSafetensorsHeader,
} from "../../../../src/engine/formats/safetensors/safetensorsBlob.ts";
import { readNetwork } from "../../../../src/hosts/cli/parts/savedNetwork.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../../../src/runtime/files/checkpointFile.ts";
import { decodeRunFile, encodeRunFile, isRunFile } from "../../../../src/runtime/files/runFile.ts";
import { checksumOf } from "../../../../src/runtime/storage/checkpoints.ts";
import type { WholeRun } from "../../../../src/runtime/storage/records.ts";
import { inFull } from "../../../inFull.ts";
import { smallSession, takeSteps } from "../../engine/train/smallRun.ts";
import { epochReport, stepReport } from "../storage/storedRun.ts";
import { CONFIG, wholeRun } from "./wholeRun.ts";

let contents: WholeRun;

async function checkpointAfter(numSteps: number): Promise<Uint8Array<ArrayBuffer>> {
  const session = smallSession({ emaDecay: 0.9, epochs: 3 });
  await takeSteps(session.run(), numSteps);
  const checkpoint = await session.checkpoint();
  session.dispose();
  return encodeCheckpoint(CONFIG, checkpoint);
}

beforeAll(async () => {
  await tf.setBackend("wasm");
  contents = wholeRun(await checkpointAfter(1), await checkpointAfter(3));
});

const bytesAt = (step: number) =>
  contents.checkpoints.find((checkpoint) => checkpoint.step === step)?.bytes ?? new Uint8Array();
const decoded = (bytes: Uint8Array) => decodeRunFile(decodeSafetensors(bytes), "new-id", () => {});

describe("a whole run as a file", () => {
  it("tells how far it is decoded, up to the end, with the best checkpoint and without", () => {
    const fractionsOf = (file: WholeRun) => {
      const fractions: number[] = [];
      decodeRunFile(decodeSafetensors(encodeRunFile(file)), "new-id", (f) => fractions.push(f));
      return fractions;
    };
    expect(fractionsOf(contents)).toEqual([1, 2, 3, 4, 5, 6].map((n) => n / 6));
    const checkpoints = contents.checkpoints.slice(-1);
    const record = { ...contents.record, checkpoints: contents.record.checkpoints.slice(-1) };
    const alone = { ...contents, checkpoints, record };
    expect(fractionsOf(alone)).toEqual([1, 2, 3].map((n) => n / 3));
  });

  it("is read as it was written, under another id", () => {
    const bytes = encodeRunFile(contents);
    const { record, checkpoints, history, snapshots, gaps } = decoded(bytes);
    expect(record).toEqual({
      ...contents.record,
      runId: "new-id",
      // The list of runs counts it, whatever the file says.
      totalBytes: 0,
      // Other bytes, with the same content.
      checkpoints: contents.record.checkpoints.map((pointer, i) => ({
        ...pointer,
        numBytes: checkpoints[i]?.bytes.length,
        checksum: checksumOf(checkpoints[i]?.bytes ?? new Uint8Array()),
      })),
    });
    expect(history).toEqual(contents.history);
    expect(gaps).toBeNull();
    expect(snapshots).toEqual(contents.snapshots);
    const tensorsOf = (run: WholeRun) =>
      run.checkpoints.map(({ step, bytes }) => [step, decodeSafetensors(bytes).tensors]);
    expect(tensorsOf({ record, checkpoints, history, snapshots })).toEqual(tensorsOf(contents));
  });

  it("has a name that can be seen, as long as it may be, without half a character", () => {
    const nameOf = (name: string) =>
      decoded(encodeRunFile({ ...contents, record: { ...contents.record, name } })).record.name;
    expect(nameOf(`a${"🙂".repeat(60)}`)).toBe(`a${"🙂".repeat(39)}`);
    expect(nameOf("\u200B ")).toBe("Unnamed run");
  });

  it("is taken with gaps in its history, and tells them", () => {
    const steps = contents.history.steps.slice(1);
    const recorded = { steps: [...steps, stepReport(4)], epochs: [epochReport(2, 4, 0.5)] };
    const read = decoded(encodeRunFile({ ...contents, history: recorded }));
    expect(read.history).toEqual({ steps, epochs: [] });
    expect(read.gaps).toBe(
      "1 of 3 steps and 1 of 1 epoch are missing from the history. 2 values in the history could not be read.",
    );
  });

  it("has each preview once, by step, however they are listed", () => {
    const file = decodeSafetensors(encodeRunFile(contents));
    const [first, second] = JSON.parse(file.metadata.evolution ?? "");
    file.metadata.evolution = JSON.stringify([second, first, second]);
    const { snapshots } = decoded(
      encodeSafetensors(file as Parameters<typeof encodeSafetensors>[0]),
    );
    expect(snapshots).toEqual(contents.snapshots);
  });

  it("has the newest checkpoint under the names of PyTorch's modules and optimizer", () => {
    const { tensors, metadata } = decodeSafetensors(encodeRunFile(contents));
    for (const name of ["model.", "optimizer.exp_avg.", "best.ema_model."]) {
      expect(tensors.has(`${name}init_conv.weight`)).toBe(true);
    }
    expect(JSON.parse(metadata.config ?? "")).toEqual(CONFIG);
    expect(isRunFile(metadata)).toBe(true);
    expect(isRunFile({ config: "{}", training: "{}" })).toBe(false);
  });

  it.each([
    ["goes on", { isFinished: false, hasStoppedEarly: false }],
    ["finished", { isFinished: true, hasStoppedEarly: false }],
    ["stopped early", { isFinished: true, hasStoppedEarly: true }],
  ])(
    "of a run that %s has the newest checkpoint by its names, and the best one behind best.",
    (_, changes) => {
      const bytes = encodeRunFile({ ...contents, record: { ...contents.record, ...changes } });
      const { tensors, metadata } = decodeSafetensors(bytes);
      const [best, newest] = [1, 3].map((step) => decodeSafetensors(bytesAt(step)));
      expect([metadata.bestPosition, metadata.position]).toEqual(
        [best, newest].map((file) => file?.metadata.position),
      );
      // Of different weights, or the names would say nothing.
      expect(best?.tensors.get("model.init_conv.weight")).not.toEqual(
        newest?.tensors.get("model.init_conv.weight"),
      );
      for (const [prefix, file] of [
        ["best.", best],
        ["", newest],
      ] as const) {
        expect(file?.tensors.size).toBeGreaterThan(0);
        for (const [name, tensor] of file?.tensors ?? []) {
          expect(tensors.get(prefix + name), prefix + name).toEqual(tensor);
        }
      }
      const read = decoded(bytes).checkpoints;
      expect(read.map(({ step }) => step)).toEqual([1, 3]);
      expect(read.map((checkpoint) => decodeSafetensors(checkpoint.bytes).tensors)).toEqual([
        best?.tensors,
        newest?.tensors,
      ]);
    },
  );

  it("of an older version has its history as JSON", () => {
    const bytes = readFileSync(new URL("../../../fixtures/lab-run.safetensors", import.meta.url));
    expect(decodeSafetensors(bytes).metadata.history).toMatch(/^\{"steps":/);
    const { history, record, gaps } = decoded(bytes);
    expect(gaps).toBeNull();
    expect(history.steps.map(({ step }) => step)).toEqual(
      Array.from({ length: record.step }, (_, i) => i + 1),
    );
    expect(history.epochs).toHaveLength(record.numEpochs);
  });

  it("is taken with values in its history that are none, and tells how many", () => {
    const file = decodeSafetensors(encodeRunFile(contents));
    const recorded = JSON.stringify(contents.history).replace('"loss":1,', '"loss":"1",');
    file.metadata.history = recorded.replace('"trainLoss":1,', '"trainLoss":1e300,');
    const { history, gaps } = decoded(
      encodeSafetensors(file as Parameters<typeof encodeSafetensors>[0]),
    );
    expect([history.steps[0]?.loss, history.epochs[0]?.trainLoss]).toEqual([
      Number.NaN,
      Number.NaN,
    ]);
    expect(history.steps.slice(1)).toEqual(contents.history.steps.slice(1));
    expect(gaps).toBe("2 values in the history could not be read.");
  });

  it("of very many steps is read by the page and by the commands", async () => {
    // The header, which the format bounds, must not grow with the steps: that shows with fewer, too.
    const [numSteps, numEpochs] = [inFull ? 600_000 : 60_000, 10];
    const newest = encodeCheckpoint(CONFIG, {
      ...decodeCheckpoint(CONFIG, bytesAt(3)),
      step: numSteps,
      numEpochs,
      lossSum: 0,
    });
    const [pointer] = contents.record.checkpoints;
    if (!pointer) throw new Error("There is no checkpoint.");
    const stepsPerEpoch = numSteps / numEpochs;
    const stepAt = (step: number) => ({
      step,
      loss: 1 / step,
      gradNorm: Math.sqrt(step),
      learningRate: 1e-3 / step,
      stepMs: 30 + Math.sin(step),
      memoryBytes: 4e8 + step,
      wallTimeMs: 1e12 + step,
    });
    const history = {
      steps: Array.from({ length: numSteps }, (_, i) => stepAt(i + 1)),
      epochs: Array.from({ length: numEpochs }, (_, i) =>
        epochReport(i + 1, (i + 1) * stepsPerEpoch, 1 / (i + 1)),
      ),
    };
    const record = {
      ...contents.record,
      stepsPerEpoch,
      step: numSteps,
      numEpochs,
      checkpoints: [{ ...pointer, step: numSteps, numEpochs }],
    };
    const checkpoints = [{ step: numSteps, bytes: newest }];
    const bytes = encodeRunFile({ record, checkpoints, history, snapshots: [] });
    // What is said of it in JSON does not grow with the steps, nor do these take more than their numbers.
    const file = new Blob([bytes]);
    const header = await readSafetensorsHeader(file);
    expect(header.dataStart).toBeLessThan(100_000);
    expect(bytes.length).toBeLessThan(7 * 8 * numSteps + 1_000_000);

    const read = decodeRunFile(await readSafetensorsData(file, header), "new-id", () => {});
    expect(read.gaps).toBeNull();
    expect(read.history.steps.length).toBe(numSteps);
    for (const step of [1, numSteps - 1, numSteps]) {
      expect(read.history.steps[step - 1]).toEqual(stepAt(step));
    }
    const folder = mkdtempSync(join(tmpdir(), "long-run-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "run.safetensors");
    writeFileSync(path, bytes);
    expect((await readNetwork(path)).facts("raw").lastEpoch).toEqual(history.epochs.at(-1));
  });

  it("of an older version has of each snapshot only the digits at their end", () => {
    const file = decodeSafetensors(encodeRunFile(contents));
    const values = Uint8Array.from({ length: 7840 }, (_, i) => i % 256);
    file.tensors.set("evolution.2", { dtype: "U8", shape: [10, 28, 28], values });
    const { snapshots, record } = decoded(
      encodeSafetensors(file as Parameters<typeof encodeSafetensors>[0]),
    );
    expect(snapshots).toEqual([
      contents.snapshots[0],
      { ...contents.snapshots[1], numFrames: 1, pixels: values },
    ]);
    expect(record.picture).toEqual({ count: 8, pixels: values.slice(0, 6272) });
  });

  type File = ReturnType<typeof decodeSafetensors>;
  it.each([
    ["without its record", /cannot be read.*damaged/, (f) => delete f.metadata.run],
    ["of a newer version", /newer version/, (f) => rerecord(f, { format: 99 })],
    ["with a record that is none", /damaged/, (f) => rerecord(f, { step: "3" })],
    ["whose record is no JSON", /damaged/, (f) => (f.metadata.run = "{")],
    [
      "whose record cannot be stored for its depth",
      /damaged/,
      (f) => (f.metadata.run = f.metadata.run?.replace("{", `{"extra":${nested(50_000)},`) ?? ""),
    ],
    ["with a history that is cut off", /metric history/, (f) => (f.metadata.history = '{"steps":')],
    [
      "with columns of its history that are not equally long",
      /"history\.steps\.loss" to have a row for each of 3/,
      (f) =>
        f.tensors.set("history.steps.loss", {
          dtype: "F64",
          shape: [2],
          values: new Float64Array(2),
        }),
    ],
    [
      "at a step that is not of its epoch",
      /step of epoch 3, of 2 steps, got step 3/,
      (f) => (f.metadata.position = '{"step":3,"numEpochs":2,"lossSum":0}'),
    ],
    ["of epochs without steps", /stepsPerEpoch/, (f) => rerecord(f, { stepsPerEpoch: 0 })],
    ...[
      { step: 0.5, wallTimeMs: 1 },
      { step: -2, wallTimeMs: 1 },
      { step: 2, wallTimeMs: 1e300 },
      { step: 2, wallTimeMs: null },
    ].map((preview): [string, RegExp, (file: File) => unknown] => [
      `with a preview ${JSON.stringify(preview)}`,
      /no preview of step/,
      (f) => (f.metadata.evolution = JSON.stringify([preview])),
    ]),
    ["without a list of previews", /no list of previews/, (f) => delete f.metadata.evolution],
    [
      "without a preview that is listed",
      /no preview of step 2/,
      (f) => f.tensors.delete("evolution.2"),
    ],
    ...[
      [10, 28],
      [0, 10, 28, 28],
      [3, 0, 28, 28],
      [10, 28, 27],
      [1, 3, 10, 28, 28],
    ].map((shape): [string, RegExp, (file: File) => unknown] => [
      `with a preview of shape ${shape}`,
      /no preview of step 2/,
      (f) => {
        const values = new Uint8Array(shape.reduce((a, b) => a * b));
        f.tensors.set("evolution.2", { dtype: "U8", shape, values });
      },
    ]),
    ["without its position", /position/, (f) => delete f.metadata.position],
    [
      "at a step of which there is no record",
      /no record of the checkpoint at step 4/,
      (f) => (f.metadata.position = '{"step":4,"numEpochs":1,"lossSum":0}'),
    ],
    [
      "at a position of any length",
      /position.*got "a{80}…"/,
      (f) => (f.metadata.position = "a".repeat(1e6)),
    ],
    [
      "with a record of any length",
      /record of up to 100,000 characters, got 1,00\d,\d{3}/,
      (f) => rerecord(f, { later: "a".repeat(1e6) }),
    ],
    [
      "with a tensor of another type, whose name has any length",
      /a tensor of U8, "a{80}…"/,
      (f) => f.tensors.set("a".repeat(1e6), { dtype: "U8", shape: [1], values: new Uint8Array(1) }),
    ],
    [
      "with a tensor that no checkpoint has, whose name has any length",
      /1 others, such as "a{80}…"/,
      (f) =>
        f.tensors.set("a".repeat(1e6), { dtype: "F32", shape: [1], values: new Float32Array(1) }),
    ],
    ...["a".repeat(1e6), { toString: 1 }].map((step): [string, RegExp, (file: File) => unknown] => [
      `with a preview at a step that is ${typeof step}`,
      /no preview of step ["{].{0,90}\. The/,
      (f) => (f.metadata.evolution = JSON.stringify([{ step, wallTimeMs: 1 }])),
    ]),
    ["without a tensor", /missing/i, (f) => f.tensors.delete("model.init_conv.bias")],
    [
      "without a tensor of the best",
      /missing/i,
      (f) => f.tensors.delete("best.model.init_conv.bias"),
    ],
    [
      "with a checkpoint of integers",
      /tensor of I32/,
      (f) =>
        f.tensors.set("model.init_conv.bias", {
          dtype: "I32",
          shape: [4],
          values: new Int32Array(4),
        }),
    ],
    ...["model", "ema_model", "optimizer.exp_avg", "best.model", "best.ema_model"].map(
      (part): [string, RegExp, (file: File) => unknown] => [
        `with ${part} of values that are no numbers`,
        /finite/,
        (f) => f.tensors.get(`${part}.init_conv.bias`)?.values.fill(Number.NaN),
      ],
    ),
  ] satisfies [string, RegExp, (file: File) => unknown][])(
    "%s is refused in words",
    (_, message, change) => {
      const file = decodeSafetensors(encodeRunFile(contents));
      change(file);
      const decode = () =>
        decoded(encodeSafetensors(file as Parameters<typeof encodeSafetensors>[0]));
      expect(decode).toThrow(FormatError);
      expect(decode).toThrow(message);
      expect(decode).not.toThrow(/^.{1000}/s);
      // Nothing of it is stored.
      expect(decode).not.toThrow(/delete/i);
    },
  );

  function nested(depth: number): string {
    return "[".repeat(depth) + "]".repeat(depth);
  }

  function rerecord(file: File, changes: object) {
    const run = JSON.parse(file.metadata.run ?? "");
    file.metadata.run = JSON.stringify({ ...run, ...changes });
  }
});
