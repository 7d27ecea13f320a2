import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defaultConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { isReadable, readRecord } from "../../../../src/runtime/storage/readRecord.ts";
import { RECORD_FORMAT, type RunRecord } from "../../../../src/runtime/storage/records.ts";
import { runAt } from "./storedRun.ts";

const POINTER = {
  step: 5,
  numEpochs: 0,
  savedMs: 1,
  validationLoss: null,
  numBytes: 9,
  checksum: -3,
};
const RECORD: RunRecord = {
  ...runAt(5),
  format: RECORD_FORMAT,
  savedMs: 2,
  checkpoints: [POINTER],
  totalBytes: 9,
  bestValidationLoss: null,
};

const problemOf = (stored: unknown) => {
  const run = readRecord(stored);
  return isReadable(run) ? null : run.problem;
};

/** A record of each format, as the version that wrote it had it. */
function sampleOf(format: number): Record<string, unknown> {
  const path = new URL(`../../../fixtures/runs/format-${format}.json`, import.meta.url);
  if (!existsSync(path)) throw new Error(`Format ${format} needs a sample at ${path.pathname}.`);
  const { picture, ...record } = JSON.parse(readFileSync(path, "utf8"));
  return { ...record, picture: { ...picture, pixels: Uint8Array.from(picture.pixels) } };
}

describe("a stored record", () => {
  it("of this format is read as it is", () => {
    expect(readRecord(RECORD)).toEqual(RECORD);
  });

  it.each([" ", "\u200B", ""])("of the name %j has one that can be seen", (name) => {
    expect(readRecord({ ...RECORD, name })).toEqual({ ...RECORD, name: "Unnamed run" });
    expect(readRecord({ ...RECORD, name, format: 0 })).toMatchObject({ name: "Unnamed run" });
  });

  it("has no text that is longer than a name of a file, or turns others around", () => {
    const long = `\u202E${"a".repeat(300)}`;
    const short = `${"a".repeat(254)}…`;
    const stored = {
      ...RECORD,
      preset: long,
      device: long,
      dataset: { ...RECORD.dataset, id: long, name: long },
      startedFrom: { fileName: long, trainedSteps: 3 },
    };
    for (const place of ["storage", "file"] as const) {
      expect(readRecord(stored, place)).toEqual({
        ...RECORD,
        preset: short,
        device: short,
        dataset: { ...RECORD.dataset, id: short, name: short },
        startedFrom: { fileName: short, trainedSteps: 3 },
      });
    }
  });

  it.each(Array.from({ length: RECORD_FORMAT }, (_, i) => i + 1))(
    "of format %d is read, with defaults for settings that came later",
    (format) => {
      const sample = sampleOf(format);
      const run = readRecord(sample);
      expect(run).toMatchObject({ ...sample, format: RECORD_FORMAT });
      if (!isReadable(run)) throw new Error(run.problem);
      expect(run.config).toEqual({ ...defaultConfig(), ...Object(sample.config) });
      expect(run.config.lrDecay).toBe("constant");
    },
  );

  it.each([
    ["a newer format", { ...RECORD, format: RECORD_FORMAT + 1 }, /newer version of this page/],
    ["a format nothing reads", { ...RECORD, format: 0 }, /format 0, which nothing reads any more/],
    ["no format", { ...RECORD, format: undefined }, /damaged/],
    ["a format that is no count", { ...RECORD, format: 2 ** 53 }, /damaged\. Delete the run/],
    ["a format that is a text", { ...RECORD, format: "99" }, /damaged\. Delete the run/],
    ["nothing", null, /damaged/],
    ["a text", "run", /damaged/],
    ["without checkpoints", { ...RECORD, checkpoints: [] }, /damaged.*\(checkpoints\)/],
    [
      "with half a pointer",
      { ...RECORD, checkpoints: [{ ...POINTER, checksum: undefined }] },
      /\(checkpoints\)/,
    ],
    ["with a time that no clock shows", { ...RECORD, savedMs: 1e300 }, /\(savedMs\)/],
    ["with a step that is no count", { ...RECORD, step: -1 }, /\(step\)/],
    ["with two wrong fields", { ...RECORD, name: 3, step: "4" }, /\(name, step\)\. Delete/],
    [
      "with three wrong fields",
      { ...RECORD, name: 3, step: "4", createdMs: null },
      /\(name, createdMs, step\)/,
    ],
    [
      "with half a pointer among others",
      { ...RECORD, checkpoints: [POINTER, {}] },
      /\(checkpoints\)/,
    ],
    ["with little in it", { runId: "x", format: 1 }, /\(name, createdMs, savedMs and \d+ more\)/],
    [
      "with a picture that is none",
      { ...RECORD, picture: { count: 1, pixels: [1] } },
      /\(picture\)/,
    ],
    [
      "with a setting out of range",
      { ...RECORD, config: { ...RECORD.config, batchSize: 0 } },
      /setting batchSize is out of range/,
    ],
  ])("%s says what is wrong", (_, stored, problem) => {
    expect(problemOf(stored)).toMatch(problem);
  });

  it.each<[keyof RunRecord, unknown[]]>([
    ["runId", ["", 5]],
    ["createdMs", ["1", 8.65e15, Number.NaN]],
    ["dataset", [null, "MNIST", {}]],
    ["device", [null, 3]],
    ["startedFrom", [{}, "file"]],
    ["stepsPerEpoch", [0, -1, 1.5, "10"]],
    ["isFinished", [1, null]],
    ["bestValidationLoss", ["0.5", Number.POSITIVE_INFINITY]],
    ["picture", [{ count: 1 }, "digits"]],
  ])("with another %s than any version writes is damaged", (field, values) => {
    for (const value of values) {
      expect(problemOf({ ...RECORD, [field]: value }), `${value}`).toContain(`(${field})`);
    }
  });

  it("quotes a setting of any length in a few words", () => {
    const config = { ...RECORD.config, objective: "v".repeat(1e6) };
    expect(problemOf({ ...RECORD, config })?.length).toBeLessThan(250);
  });

  it("is to be deleted where it is stored, not where it is in a file", () => {
    for (const stored of [null, { ...RECORD, format: 0 }, { ...RECORD, step: -1 }]) {
      const inFile = readRecord(stored, "file");
      expect(problemOf(stored)).toMatch(/delete/i);
      expect("problem" in inFile && inFile.problem).not.toMatch(/delete/i);
    }
  });

  it("that is damaged keeps its id, so that it can be deleted, and its name", () => {
    expect(readRecord({ runId: "x", name: "Mine" })).toMatchObject({ runId: "x", name: "Mine" });
    for (const name of ["", 7]) {
      expect(readRecord({ runId: 5, name })).toMatchObject({ runId: "", name: "Unnamed run" });
    }
  });
});
