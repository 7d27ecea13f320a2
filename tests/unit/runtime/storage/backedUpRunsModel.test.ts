/** The stored runs through any sequence of saves, kills, losses and changes in two tabs, and through races. */
import fc from "fast-check";
import { describe, it, vi } from "vitest";
import type { Checkpoint } from "../../../../src/engine/train/checkpoint.ts";
import { TrainingLock } from "../../../../src/hosts/worker/trainingLock.ts";
import { RunStore } from "../../../../src/runtime/storage/runStore.ts";
import type { TabChannel } from "../../../../src/runtime/storage/tabChannel.ts";
import { inFull } from "../../../inFull.ts";
import { absent, checkpointOf, FOREVER, PLACES, type Place, World } from "./backedUpRunsModel.ts";
import { asLockManager } from "./memoryLocks.ts";

vi.mock("../../../../src/runtime/files/checkpointFile.ts", () => ({
  encodeCheckpoint: (_: unknown, { step }: Checkpoint) => checkpointOf(step),
}));

/** Of a tab; a save takes some 60. */
const KILL_STEPS = 80;

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

const place = fc.constantFrom(...PLACES);
const tabIndex = fc.constantFrom(0, 1);
/** How far what comes gets; mostly to its end. */
const stepsLeft = fc.option(fc.nat(KILL_STEPS), { nil: FOREVER, freq: 2 });

const train = fc
  .tuple(place, tabIndex, fc.integer({ min: 1, max: 5 }), stepsLeft)
  .map(([id, i, numSteps, left]) =>
    command(`train ${id} in ${i} by ${numSteps}, killed after ${left}`, i, async (world) => {
      await world.trainAndSave(id, i, { numSteps, left });
    }),
  );
const end = fc.tuple(place, tabIndex).map(([id, i]) =>
  command(`end ${id} with a step unsaved`, i, async (world) => {
    const trained = world.trainer(world.idAt(id));
    trained?.train(1);
    if (trained) trained.isOwn = false;
  }),
);
const saveEnded = tabIndex.map((i) =>
  command("save what has ended", i, (world) => world.saveEnded(i)),
);
const remove = fc.tuple(place, tabIndex, stepsLeft).map(([id, i, left]) =>
  command(`delete ${id} in ${i}, killed after ${left}`, i, async (world) => {
    await world.delete(id, i, left);
  }),
);
const rename = fc.tuple(place, tabIndex, stepsLeft).map(([id, i, left]) =>
  command(`rename ${id} in ${i}, killed after ${left}`, i, async (world) => {
    await world.upkeep(i, left, (tab) => tab.runs.update(world.idAt(id), { name: "Renamed" }));
  }),
);
const keepUp = fc.tuple(tabIndex, stepsLeft).map(([i, left]) =>
  command(`restore and complete in ${i}, killed after ${left}`, i, async (world) => {
    await world.upkeep(i, left, async (tab) => {
      await tab.runs.restore();
      await tab.runs.completeBackups();
    });
  }),
);
const reload = tabIndex.map((i) => command(`reload ${i}`, i, (world) => world.openTab(i)));
const loseDatabase = tabIndex.map((i) =>
  command("lose the database", i, (world) => world.loseDatabase()),
);
const clearSiteData = tabIndex.map((i) =>
  command("clear site data", i, (world) => world.clearSiteData()),
);
const room = fc.tuple(tabIndex, fc.option(fc.nat(12_000), { freq: 1 })).map(([i, slack]) =>
  command(slack === null ? "room for all" : `room for ${slack} more`, i, async (world) => {
    world.browser.quota = slack === null ? FOREVER : world.browser.usedBytes + slack;
    world.wasLimited ||= slack !== null;
  }),
);
const failure = fc.tuple(tabIndex, fc.boolean()).map(([i, areFailing]) =>
  command(`files ${areFailing ? "cannot" : "can"} be written in ${i}`, i, async (world) => {
    world.tab(i).isReadOnly = areFailing;
    world.wasLimited ||= areFailing;
  }),
);

const failingRemovals = fc.tuple(tabIndex, fc.integer({ min: 1, max: 3 })).map(([i, count]) =>
  command(`${count} deletions of files fail in ${i}`, i, async (world) => {
    world.tab(i).failingRemovals = count;
  }),
);

/** Some more often: each must have happened for others to mean something. */
const COMMANDS = [
  ...[train, train, train, train, end, saveEnded, saveEnded, remove, rename, keepUp, reload],
  ...[loseDatabase, loseDatabase, clearSiteData, room, room, failure, failingRemovals],
];

type Action =
  | { kind: "train" | "delete"; place: Place }
  | { kind: "restore" | "rename" | "list" | "saveEnded" };

const ACTION: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constantFrom("train", "delete"), place }),
  fc.record({ kind: fc.constantFrom("restore", "rename", "list", "saveEnded") }),
);

/** What a person does in a tab, one after the other, as `Runs` does it. */
async function inTurn(world: World, i: number, actions: readonly Action[]): Promise<void> {
  const { runs } = world.tab(i);
  const channel = { tell() {}, onMessage() {} } as unknown as TabChannel;
  const lock = new TrainingLock(() => {}, channel, asLockManager(world.browser.locks));
  for (const action of actions) {
    switch (action.kind) {
      case "train": {
        const { place } = action;
        if (!(await lock.acquire(world.idAt(place)))) break;
        await world.trainAndSave(place, i, { numSteps: 2, left: FOREVER });
        await world.trainAndSave(place, i, { numSteps: 1, left: FOREVER });
        for (const trained of world.trained) {
          if (trained.tab === world.tab(i)) trained.isOwn = false;
        }
        lock.release();
        break;
      }
      case "delete": {
        const runId = world.idAt(action.place);
        await lock.unlessTrained(runId, async () => {
          await runs.delete(runId);
          world.expected.set(runId, absent());
        });
        break;
      }
      case "restore":
        await runs.restore();
        await runs.completeBackups();
        break;
      case "saveEnded":
        await world.saveEnded(i);
        break;
      case "rename":
        await runs.update(world.idAt("a"), { name: "Renamed" });
        break;
      default:
        await runs.list();
    }
  }
}

/** Also what is done with the database waits for its turn. */
function slowDown(step: () => Promise<unknown>): void {
  for (const name of ["find", "isWhole", "save", "update", "delete", "replace"] as const) {
    const method: (...args: never[]) => unknown = RunStore.prototype[name];
    vi.spyOn(RunStore.prototype, name as "find").mockImplementation(async function (
      this: RunStore,
      ...args: unknown[]
    ) {
      await step();
      return method.apply(this, args as never[]) as never;
    });
  }
}

describe("stored runs", { timeout: inFull ? 900_000 : 60_000 }, () => {
  it("are what was told, whatever happens to tabs, room, database and files", async () => {
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
      { numRuns: inFull ? 1000 : 60 },
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
            // The first is there whole, the second only in its backup.
            await world.trainAndSave("b", 0, { numSteps: 3, left: FOREVER });
            await world.loseDatabase();
            await world.trainAndSave("a", 0, { numSteps: 3, left: FOREVER });
            // The first tab has ended it, and could not save its last step.
            for (const trained of world.trained) {
              trained.train(1);
              trained.isOwn = false;
            }
            if (slack !== null) world.browser.quota = world.browser.usedBytes + slack;
            world.wasLimited = slack !== null;
            let isOver = false;
            const step = async () => {
              if (!isOver) await scheduler.schedule(Promise.resolve());
            };
            world.browser.locks.onRequest = step;
            for (const tab of world.tabs) tab.beforeFile = step;
            slowDown(step);
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
      { numRuns: inFull ? 600 : 80 },
    );
  });
});
