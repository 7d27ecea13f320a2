import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../../../../src/runtime/storage/database.ts";
import { RunStore } from "../../../../src/runtime/storage/runStore.ts";
import type { Save } from "../../../../src/runtime/storage/saveRun.ts";
import { checkpointBytes, saveAt, saveNext } from "./storedRun.ts";

let store: RunStore;
const asIs = (bytes: Uint8Array) => bytes;
const saved = async (save: Save) => (await saveNext(store, save)).record;

beforeEach(async () => {
  store = await RunStore.open(() => {}, { wait: async () => {} });
  for (const { runId } of await store.list()) await store.delete(runId);
});

describe("a damaged checkpoint", () => {
  const damage = async (step: number, bytes: Uint8Array<ArrayBuffer> | null) => {
    const database = await openDatabase(() => {});
    if (bytes) await database.put("checkpoints", { runId: "a", step, bytes });
    else await database.delete("checkpoints", ["a", step]);
  };
  const flipped = checkpointBytes(8).map((value, i) => (i === 500 ? value ^ 1 : value));

  it.each([
    ["with a bit flipped", flipped],
    ["cut short", checkpointBytes(8).slice(0, 999)],
    ["that is not there", null],
  ])("%s gives way to the one before", async (_, bytes) => {
    await saved(saveAt(5, 0));
    const run = await saved(saveAt(8, 5));
    await damage(8, bytes);
    const found = await store.newestCheckpoint(run, asIs);
    expect([found.pointer.step, found.numDamaged]).toEqual([5, 1]);
    expect(found.bytes).toEqual(checkpointBytes(5));
  });

  it("that is the only one is an error in words, and the list still opens", async () => {
    const run = await saved(saveAt(8, 0));
    await damage(8, flipped);
    await expect(store.newestCheckpoint(run, asIs)).rejects.toThrow(
      /None of the 1 checkpoints of “First run” can be read/,
    );
    expect(await store.list()).toEqual([run]);
  });

  it("is also one that cannot be decoded", async () => {
    await saved(saveAt(5, 0, { validationLoss: 0.5 }));
    const run = await saved(saveAt(8, 5));
    const decode = (bytes: Uint8Array) => {
      if (bytes[1] === 8) throw new Error("It is none.");
      return "decoded";
    };
    const found = await store.newestCheckpoint(run, decode);
    expect(found).toMatchObject({ pointer: { step: 5 }, value: "decoded", numDamaged: 1 });
    expect(await store.bestCheckpoint(run, decode)).toMatchObject({ value: "decoded" });
    const never = () => {
      throw new Error("None is.");
    };
    expect(await store.bestCheckpoint(run, never)).toBeNull();
  });

  it("is not the best one either", async () => {
    const run = await saved(saveAt(8, 0, { validationLoss: 0.5 }));
    await damage(8, flipped);
    expect(await store.bestCheckpoint(run, asIs)).toBeNull();
  });
});
