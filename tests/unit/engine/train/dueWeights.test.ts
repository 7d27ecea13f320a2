import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { samplerValues, smallSession, takeSteps } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** The weights after the steps that are due, of a run of 2 steps an epoch. */
async function dueWeights(dueSteps: number[], stepsAhead: number) {
  const stopsAfter = (step: number) => dueSteps.includes(step);
  const session = smallSession({ epochs: 2 }, { stepsAhead, stopsAfter });
  const weights = new Map<number, Float32Array>();
  for await (const report of session.run()) {
    if (report.type !== "weightsReady") continue;
    expect(session.numSteps).toBe(report.step);
    weights.set(report.step, await samplerValues(session));
  }
  session.dispose();
  return weights;
}

async function weightsAfter(numSteps: number): Promise<Float32Array> {
  const session = smallSession({ epochs: 2 });
  await takeSteps(session.run(), numSteps);
  const values = await samplerValues(session);
  session.dispose();
  return values;
}

describe("weights that are asked for", () => {
  it.each([0, 1])(
    "are those after that very step, also with %d steps begun ahead",
    async (stepsAhead) => {
      const weights = await dueWeights([0, 1, 2, 4], stepsAhead);
      expect([...weights.keys()].sort()).toEqual([0, 1, 2, 4]);
      for (const [step, values] of weights) expect(values).toEqual(await weightsAfter(step));
    },
  );

  it("are those that the session goes on from, too", async () => {
    const before = smallSession({ epochs: 2 });
    await takeSteps(before.run(), 1);
    const checkpoint = await before.checkpoint();
    before.dispose();
    const start = { from: "checkpoint", checkpoint, epochs: [], best: null } as const;
    const session = smallSession({ epochs: 2 }, { start, stopsAfter: () => true });
    expect((await session.run().next()).value).toEqual({ type: "weightsReady", step: 1 });
    session.dispose();
  });
});
