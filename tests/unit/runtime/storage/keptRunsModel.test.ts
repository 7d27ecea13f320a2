/** Kept runs through any sequence of saves, kills, losses and changes in two tabs, and through races. */
import fc from "fast-check";
import { describe, it, vi } from "vitest";
import type { Checkpoint } from "../../../../src/engine/train/checkpoint.ts";
import { TrainingLock } from "../../../../src/hosts/worker/trainingLock.ts";
import type { TabChannel } from "../../../../src/runtime/storage/tabChannel.ts";
import { inFull } from "../../../inFull.ts";
import { absent, checkpointOf, FOREVER, SLOTS, type Slot, World } from "./keptRunsModel.ts";
import { asLockManager } from "./memoryLocks.ts";

vi.mock("../../../../src/runtime/files/checkpointFile.ts", () => ({
  encodeCheckpoint: (_: unknown, { step }: Checkpoint) => checkpointOf(step),
}));

/** Uses of the places by a tab; a save takes some 40. */
const KILL_USES = 50;

type Command = fc.AsyncCommand<object, World>;

/** A step of a sequence, after which all that was told still holds. */
function command(name: string, tab: number, run: (world: World) => Promise<void>): Command {
  return {
    check: () => true,
    async run(_, world) {
      await run(world);
      await world.check(tab);
    },
    toString: () => name,
  };
}

const slot = fc.constantFrom(...SLOTS);
const tabIndex = fc.constantFrom(0, 1);
const place = fc.constantFrom(0, 1);
/** How far what comes gets; mostly to its end. */
const usesLeft = fc.option(fc.nat(KILL_USES), { nil: FOREVER, freq: 2 });

const train = fc
  .tuple(slot, tabIndex, fc.integer({ min: 1, max: 5 }), usesLeft)
  .map(([id, i, numSteps, left]) =>
    command(`train ${id} in ${i} by ${numSteps}, killed after ${left}`, i, (world) =>
      world.trainAndSave(id, i, numSteps, left),
    ),
  );
const end = fc.tuple(slot, tabIndex).map(([id, i]) =>
  command(`end ${id} with a step unsaved`, i, async (world) => {
    const trained = world.trainer(world.idAt(id));
    trained?.train(1);
    if (trained) trained.isOwn = false;
  }),
);
const saveEnded = tabIndex.map((i) =>
  command(`save what has ended in ${i}`, i, (world) => world.saveEnded(i)),
);
const remove = fc
  .tuple(slot, tabIndex, usesLeft)
  .map(([id, i, left]) =>
    command(`delete ${id} in ${i}, killed after ${left}`, i, (world) => world.delete(id, i, left)),
  );
const rename = fc.tuple(slot, tabIndex, usesLeft).map(([id, i, left]) =>
  command(`rename ${id} in ${i}, killed after ${left}`, i, async (world) => {
    await world.upkeep(i, left, (tab) => tab.runs.update(world.idAt(id), { name: "Renamed" }));
  }),
);
const settle = fc
  .tuple(tabIndex, usesLeft)
  .map(([i, left]) => command(`settle in ${i}, killed after ${left}`, i, (w) => w.settle(i, left)));
const reload = tabIndex.map((i) => command(`reload ${i}`, i, (world) => world.openTab(i)));
const remember = tabIndex.map((i) =>
  command("an hour passes", i, async (world) => world.remember()),
);
const fallBack = fc.tuple(tabIndex, place, fc.boolean()).map(([i, at, isAll]) =>
  command(`place ${at} ${isAll ? "loses all" : "falls back an hour"}`, i, async (world) => {
    await world.fallBack(at, isAll);
    await world.openTab(i);
  }),
);
const damage = fc
  .tuple(tabIndex, place, fc.constantFrom("checkpoint", "history", "snapshot"), fc.boolean())
  .map(([i, at, kind, isGone]) =>
    command(`${kind} in place ${at} ${isGone ? "gone" : "damaged"}`, i, async (world) => {
      await world.damage(at, kind, isGone);
    }),
  );
const clearSiteData = tabIndex.map((i) =>
  command("clear site data", i, (world) => world.clearSiteData()),
);
const room = fc.tuple(tabIndex, fc.option(fc.nat(15_000), { freq: 1 })).map(([i, slack]) =>
  command(slack === null ? "room for all" : `room for ${slack} more`, i, async (world) => {
    world.room.quota = slack === null ? FOREVER : world.room.usedBytes + slack;
    if (slack !== null) world.areEqual = false;
  }),
);
const failure = fc.tuple(tabIndex, place, fc.boolean()).map(([i, at, isFailing]) =>
  command(`place ${at} ${isFailing ? "cannot" : "can"} be written in ${i}`, i, async (world) => {
    const { failing, keepers } = world.tab(i);
    const keeper = keepers[at];
    if (keeper) isFailing ? failing.add(keeper) : failing.delete(keeper);
    if (isFailing) world.areEqual = false;
  }),
);

/** Some more often: each must have happened for others to mean something. */
const COMMANDS = [
  ...[train, train, train, train, end, saveEnded, remove, rename, settle, reload],
  ...[remember, fallBack, fallBack, damage, clearSiteData, room, failure],
];

type Action =
  | { kind: "train" | "delete"; slot: Slot }
  | { kind: "settle" | "rename" | "list" | "saveEnded" };

const ACTION: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constantFrom("train", "delete"), slot }),
  fc.record({ kind: fc.constantFrom("settle", "rename", "list", "saveEnded") }),
);

/** What a user does in a tab, one after the other, as `Runs` does it. */
async function inTurn(world: World, i: number, actions: readonly Action[]): Promise<void> {
  const { runs } = world.tab(i);
  const channel = { tell() {}, onMessage() {} } as unknown as TabChannel;
  const lock = new TrainingLock(() => {}, channel, asLockManager(world.locks));
  for (const action of actions) {
    switch (action.kind) {
      case "train":
        if (!(await lock.acquire(world.idAt(action.slot)))) break;
        await world.trainAndSave(action.slot, i, 2);
        await world.trainAndSave(action.slot, i, 1);
        for (const trained of world.trained) {
          if (trained.tab === world.tab(i)) trained.isOwn = false;
        }
        lock.release();
        break;
      case "delete": {
        const runId = world.idAt(action.slot);
        await lock.unlessTrained(runId, async () => {
          await runs.delete(runId);
          world.expected.set(runId, absent());
        });
        break;
      }
      case "settle":
        await runs.settle();
        break;
      case "saveEnded":
        await world.saveEnded(i);
        break;
      case "rename":
        await runs.update(world.idAt("a"), { name: "Renamed" }).catch(() => {});
        break;
      default:
        await runs.list();
    }
  }
}

describe("kept runs", { timeout: inFull ? 900_000 : 60_000 }, () => {
  it("are what was told, whatever happens to tabs, room and either place", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.commands(COMMANDS, { maxCommands: 25, size: "max" }),
        async (commands) => {
          const world = await World.start();
          try {
            await fc.asyncModelRun(async () => ({ model: {}, real: world }), commands);
          } finally {
            world.end();
          }
        },
      ),
      { numRuns: inFull ? 3000 : 100 },
    );
  });

  it("are what was told, in whatever order two tabs get on", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(ACTION, { minLength: 1, maxLength: 3 }),
        fc.array(ACTION, { minLength: 1, maxLength: 3 }),
        fc.option(fc.integer({ min: 2000, max: 12_000 })),
        async (scheduler, ofFirst, ofSecond, slack) => {
          const world = await World.start();
          try {
            // The first is there whole, the second in one place.
            await world.trainAndSave("b", 0, 3);
            await world.fallBack(0, true);
            await world.trainAndSave("a", 0, 3);
            // The first tab has ended it, and could not save its last step.
            for (const trained of world.trained) {
              trained.train(1);
              trained.isOwn = false;
            }
            if (slack !== null) world.room.quota = world.room.usedBytes + slack;
            world.areEqual = slack === null;
            let isOver = false;
            const step = async () => {
              if (!isOver) await scheduler.schedule(Promise.resolve());
            };
            world.locks.onRequest = step;
            for (const tab of world.tabs) tab.beforeUse = step;
            const actors = [ofFirst, ofSecond].map((actions, i) => inTurn(world, i, actions));
            await scheduler.waitFor(Promise.all(actors));
            isOver = true;
            await world.check(0);
            await world.openTab(0);
            await world.check(0);
          } finally {
            world.end();
          }
        },
      ),
      { numRuns: inFull ? 1000 : 60 },
    );
  });
});
