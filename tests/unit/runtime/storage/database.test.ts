import "fake-indexeddb/auto";
import { forceCloseDatabase } from "fake-indexeddb";
import { openDB, unwrap } from "idb";
import { describe, expect, it, vi } from "vitest";
import { openDatabase, StorageError } from "../../../../src/runtime/storage/database.ts";
import { RunStore } from "../../../../src/runtime/storage/runStore.ts";

describe("the database", () => {
  it("of a newer version is refused in words", async () => {
    const newer = await openDB("diffusion-mnist", 99, {});
    await expect(RunStore.open(() => {})).rejects.toThrow(/newer version of this page/);
    newer.close();
    await new Promise((resolve) => {
      indexedDB.deleteDatabase("diffusion-mnist").onsuccess = resolve;
    });
  });

  it.each([
    ["QuotaExceededError", "no room", /full/],
    ["UnknownError", "Internal error", /no storage.*\(Internal error\)/],
  ])("that cannot be opened for a %s says why", async (name, message, words) => {
    const cause = new DOMException(message, name);
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw cause;
    });
    const error = await RunStore.open(() => {}).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({ message: expect.stringMatching(words), cause });
  });

  it("tells when the browser has closed it", async () => {
    const onClosed = vi.fn();
    const database = await openDatabase(onClosed);
    forceCloseDatabase(unwrap(database) as never);
    await expect.poll(() => onClosed).toHaveBeenCalledOnce();
  });

  it("tells when a newer version needs it", async () => {
    const reasons: string[] = [];
    await RunStore.open((reason) => reasons.push(reason));
    (await openDB("diffusion-mnist", 99, {})).close();
    expect(reasons).toEqual([expect.stringContaining("newer version")]);
    await new Promise((resolve) => {
      indexedDB.deleteDatabase("diffusion-mnist").onsuccess = resolve;
    });
  });
});
