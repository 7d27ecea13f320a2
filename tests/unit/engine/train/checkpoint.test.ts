import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import type { Checkpoint } from "../../../../src/engine/train/checkpoint.ts";
import type { EpochReport, TrainingReport } from "../../../../src/engine/train/reports.ts";
import type { TrainingSession } from "../../../../src/engine/train/session.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../../../src/runtime/files/checkpointFile.ts";
import { samplerValues, smallConfig, smallDataset, smallSession } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** Three epochs of 5 steps, the last of each smaller, with all that a checkpoint could forget. */
const CHANGES: Partial<RunConfig> = {
  epochs: 3,
  batchSize: 4,
  emaDecay: 0.9,
  emaUpdateAfter: 2,
  emaUpdateEvery: 3,
  warmupSteps: 8,
  lrDecay: "cosine",
  dropout: 0.2,
  offsetNoise: 0.1,
  selfCondition: true,
  classes: 10,
  maxGradNorm: 1,
  validationNoise: "fresh",
  validateEvery: 2,
};
const DATASET = smallDataset({ numTrain: 18, numValidation: 5 });

/** A report without what the clock decides. */
function timeless(report: TrainingReport): unknown {
  const { stepMs: _, wallTimeMs: __, ...rest } = { stepMs: 0, ...contentOf(report) };
  return rest;
}

function contentOf(report: TrainingReport) {
  if (report.type === "step") return report.step;
  return report.type === "epoch" ? report.epoch : { ...report, wallTimeMs: 0 };
}

async function take(
  reports: AsyncGenerator<TrainingReport, void>,
  isLast: (r: TrainingReport) => boolean,
) {
  const taken: TrainingReport[] = [];
  for (;;) {
    const { done, value } = await reports.next();
    if (done) return taken;
    taken.push(value);
    if (isLast(value)) return taken;
  }
}

async function finished(session: TrainingSession): Promise<Checkpoint> {
  const checkpoint = await session.checkpoint();
  session.dispose();
  return checkpoint;
}

describe("a run that goes on from a checkpoint", () => {
  /** The reports and the end of one that never stopped. */
  let straight: { reports: TrainingReport[]; end: Checkpoint };

  beforeAll(async () => {
    const session = smallSession(CHANGES, { dataset: DATASET });
    const reports = await take(session.run(), () => false);
    straight = { reports, end: await finished(session) };
  });

  it.each([
    ["within an epoch", (r: TrainingReport) => r.type === "step" && r.step.step === 7],
    ["at the end of an epoch", (r: TrainingReport) => r.type === "epoch" && r.epoch.epoch === 2],
    ["before the validation", (r: TrainingReport) => r.type === "step" && r.step.step === 10],
    [
      "in the middle of the validation",
      (r: TrainingReport) => r.type === "validationProgress" && r.numImages === 4,
    ],
  ])("ends with the same bits, saved %s", async (_, isLast) => {
    const { reports, end } = straight;
    const before = smallSession(CHANGES, { dataset: DATASET });
    const first = await take(before.run(), isLast);
    const config = smallConfig(CHANGES);
    const bytes = encodeCheckpoint(config, await finished(before));
    const checkpoint = decodeCheckpoint(config, bytes);
    const epochs: EpochReport[] = first.flatMap((r) => (r.type === "epoch" ? [r.epoch] : []));
    const after = smallSession(CHANGES, {
      dataset: DATASET,
      start: { from: "checkpoint", checkpoint, epochs, best: null },
    });
    const rest = await take(after.run(), () => false);
    const told = (all: TrainingReport[]) =>
      all.filter(({ type }) => type !== "validationProgress").map(timeless);
    expect(told([...first, ...rest])).toEqual(told(reports));
    expect(await finished(after)).toEqual(end);
  });

  it("ends with the same bits, with Muon", async () => {
    const changes = { ...CHANGES, optimizer: "muon" } as const;
    const session = smallSession(changes, { dataset: DATASET });
    await take(session.run(), (r) => r.type === "step" && r.step.step === 7);
    const bytes = encodeCheckpoint(smallConfig(changes), await session.checkpoint());
    await take(session.run(), () => false);
    const end = await finished(session);
    const checkpoint = decodeCheckpoint(smallConfig(changes), bytes);
    expect(Object.keys(checkpoint.optimizerState)).toEqual(["momentum", "mean", "square"]);
    const start = { from: "checkpoint", checkpoint, epochs: [], best: null } as const;
    const after = smallSession(changes, { dataset: DATASET, start });
    await take(after.run(), () => false);
    expect(await finished(after)).toEqual(end);
    expect(end.values).not.toEqual(straight.end.values);
  });

  it("ends with the same bits also where its history is lost", async () => {
    const before = smallSession(CHANGES, { dataset: DATASET });
    await take(before.run(), (r) => r.type === "step" && r.step.step === 7);
    const checkpoint = await finished(before);
    const start = { from: "checkpoint", checkpoint, epochs: [], best: null } as const;
    const after = smallSession(CHANGES, { dataset: DATASET, start });
    await take(after.run(), () => false);
    expect(await finished(after)).toEqual(straight.end);
  });

  it.each(["adamw", "muon"] as const)(
    "holds no tensor that a run from the start does not, with %s",
    async (optimizer) => {
      const changes = { ...CHANGES, optimizer };
      const before = tf.memory().numTensors;
      const session = smallSession(changes, { dataset: DATASET });
      const numTensors = tf.memory().numTensors - before;
      await take(session.run(), ({ type }) => type === "step");
      expect(tf.memory().numTensors - before).toBe(numTensors);
      const checkpoint = await finished(session);
      const start = { from: "checkpoint", checkpoint, epochs: [], best: null } as const;
      const again = smallSession(changes, { dataset: DATASET, start });
      expect(tf.memory().numTensors - before).toBe(numTensors);
      again.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

describe("a checkpoint", () => {
  it("is refused while steps are begun whose losses are not known", async () => {
    const session = smallSession({ epochs: 2 }, { stepsAhead: 1 });
    const run = session.run();
    await run.next();
    await expect(session.checkpoint()).rejects.toThrow("reports of all steps");
    await take(session.finishSteps(), () => false);
    expect((await session.checkpoint()).step).toBe(2);
    session.dispose();
  });

  it("has the names that PyTorch's modules and optimizer would give", async () => {
    const bytes = encodeCheckpoint(smallConfig(CHANGES), await finished(smallSession(CHANGES)));
    const { tensors } = decodeSafetensors(bytes);
    for (const prefix of ["model.", "ema_model.", "optimizer.exp_avg.", "optimizer.exp_avg_sq."]) {
      expect(tensors.get(`${prefix}init_conv.weight`)?.shape).toEqual([4, 2, 7, 7]);
    }
  });

  const config = smallConfig(CHANGES);
  const damaged = async (change: (file: ReturnType<typeof decodeSafetensors>) => void) => {
    const bytes = encodeCheckpoint(config, await finished(smallSession(CHANGES)));
    const file = decodeSafetensors(bytes);
    change(file);
    return encodeSafetensors(file as Parameters<typeof encodeSafetensors>[0]);
  };

  it("of an earlier version is read without the tiles that it was computed in", async () => {
    const bytes = await damaged((file) => {
      const position = JSON.parse(file.metadata.position ?? "");
      const tiles = { tiles: "workgroup", convTiles: { "3 28 32 32": null }, gradientTiles: {} };
      file.metadata.position = JSON.stringify({ ...position, tiles: { adapter: "card", tiles } });
    });
    expect(decodeCheckpoint(config, bytes)).toEqual(
      decodeCheckpoint(config, await damaged(() => {})),
    );
  });

  it.each([
    ["without its position", /position/, (f) => delete f.metadata.position],
    ["with half a position", /position/, (f) => (f.metadata.position = '{"step": 3}')],
    [
      "with a step that is no count",
      /position/,
      (f) => (f.metadata.position = '{"step":-1,"numEpochs":0,"lossSum":0}'),
    ],
    ["without a tensor", /missing/i, (f) => f.tensors.delete("optimizer.exp_avg.init_conv.bias")],
    [
      "with a tensor too many",
      /also 1 others/,
      (f) => f.tensors.set("x", { dtype: "F32", shape: [1], values: new Float32Array(1) }),
    ],
  ] satisfies [string, RegExp, (file: ReturnType<typeof decodeSafetensors>) => unknown][])(
    "%s is refused in words",
    async (_, message, change) => {
      const bytes = await damaged(change);
      const decode = () => decodeCheckpoint(config, bytes);
      expect(decode).toThrow(FormatError);
      expect(decode).toThrow(message);
    },
  );
});

describe("a run that stops early", () => {
  /** The steps are so long that the loss soon rises. */
  const RISING = { epochs: 30, learningRate: 0.3, patience: 2, emaDecay: 0.5, emaUpdateAfter: 0 };

  async function untilItStops(session: TrainingSession) {
    const checkpoints: Checkpoint[] = [];
    const losses: number[] = [];
    for await (const report of session.run()) {
      if (report.type !== "epoch") continue;
      losses.push(report.epoch.validationLoss);
      checkpoints.push(await session.checkpoint());
    }
    return { losses, checkpoints };
  }

  /** The step, weights and average that digits are drawn from. */
  async function sampledAtEnd(session: TrainingSession) {
    const values = await session.rawSampler.values.data<"float32">();
    const ema = await samplerValues(session);
    return { step: session.sampledStep, values, ema };
  }

  it("keeps the weights of its best epoch, and its state for a checkpoint", async () => {
    const session = smallSession(RISING);
    const { losses, checkpoints } = await untilItStops(session);
    const best = losses.indexOf(Math.min(...losses));
    expect(session.hasStoppedEarly).toBe(true);
    expect(losses).toHaveLength(best + 1 + 2);
    const { step, values, ema } = checkpoints[best] as Checkpoint;
    expect(await sampledAtEnd(session)).toEqual({ step, values, ema });
    expect(session.sampledEpoch?.epoch).toBe(best + 1);
    expect(await finished(session)).toEqual(checkpoints.at(-1));
  });

  it("does so when it went on from a checkpoint after that epoch", async () => {
    const straight = smallSession(RISING);
    const { losses, checkpoints } = await untilItStops(straight);
    const end = await sampledAtEnd(straight);
    straight.dispose();
    const best = losses.indexOf(Math.min(...losses));
    const epochs = losses.slice(0, best + 2).map((validationLoss, i) => ({
      epoch: i + 1,
      step: 2 * (i + 1),
      trainLoss: 0,
      validationLoss,
      bucketLosses: [],
      wallTimeMs: 0,
    }));
    const session = smallSession(RISING, {
      start: {
        from: "checkpoint",
        checkpoint: checkpoints[best + 1] as Checkpoint,
        epochs,
        best: checkpoints[best] as Checkpoint,
      },
    });
    expect((await untilItStops(session)).losses).toEqual(losses.slice(best + 2));
    expect(await sampledAtEnd(session)).toEqual(end);
    session.dispose();
  });

  it("goes on to its last epoch without patience", async () => {
    const session = smallSession({ ...RISING, epochs: 5, patience: 0 });
    expect((await untilItStops(session)).losses).toHaveLength(5);
    expect(session.hasStoppedEarly).toBe(false);
    session.dispose();
  });
});
