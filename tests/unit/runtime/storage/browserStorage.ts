/** What lies in the database of a browser, as tests look at it and change it. */
import { openDB } from "idb";
import { expect } from "vitest";
import { browserRuns } from "../../../../src/runtime/storage/browserRuns.ts";
import { Database } from "../../../../src/runtime/storage/database.ts";
import { isReadable } from "../../../../src/runtime/storage/readRecord.ts";
import { checkpointName, readSnapshots } from "../../../../src/runtime/storage/readRun.ts";
import type { RunRecord } from "../../../../src/runtime/storage/records.ts";

export const keptRuns = () => browserRuns((note) => expect.fail(note));

/** Deletes all that is stored, as the browser does, behind the back of whoever has it open. */
export async function clearRuns(): Promise<void> {
  // So that the tables are there.
  await new Database().hasOldTables();
  await inDatabase(async (database) => {
    for (const table of ["records", "parts"]) await database.clear(table);
  });
}

export async function inDatabase<T>(
  work: (database: Awaited<ReturnType<typeof openDB>>) => Promise<T>,
): Promise<T> {
  const database = await openDB("diffusion-mnist");
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

export async function keptRecords(): Promise<RunRecord[]> {
  return (await keptRuns().list()).filter(isReadable);
}

export async function keptCheckpoint(runId: string, step: number) {
  const runs = keptRuns();
  const run = await runs.read(runId);
  const name = checkpointName(run, { step });
  return name === undefined ? null : runs.part(run, name);
}

export async function keptSnapshots(runId: string) {
  const runs = keptRuns();
  const run = await runs.read(runId).catch(() => null);
  return run ? readSnapshots(run, runs.part) : [];
}
