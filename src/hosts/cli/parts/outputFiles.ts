/** Files that commands write: whole or not at all, and each by one command at a time. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf } from "../../../engine/messageOf.ts";
import { CommandError } from "../options.ts";

/**
 * Writes a file at once: a process that is killed, or a full disk, leaves the old one or the new one.
 *
 * @throws CommandError where it cannot be written
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const part = `${path}.${process.pid}.part`;
  try {
    writeFileSync(part, content, { flag: "wx", flush: true });
    renameSync(part, path);
  } catch (error) {
    // A file of that name that was there before is somebody's.
    if (Object(error).code !== "EEXIST") rmSync(part, { force: true });
    throw new CommandError(`Expected to write ${path}: ${messageOf(error)}.`, { cause: error });
  }
}

/**
 * Does the work while no other command writes the file. A lock that a killed process has left is taken over, and
 * what it has left half written is deleted.
 *
 * @throws CommandError where another command writes it
 */
export async function withLockedFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  while (!isCreated(lock)) {
    const pid = await pidIn(lock);
    if (pid !== null && isAlive(pid)) {
      throw new CommandError(
        `Expected ${path} to be free, but another command (process ${pid}) is writing it. Wait for its end, or name another file. If there is no such command, delete ${lock}.`,
      );
    }
    rmSync(lock, { force: true });
  }
  const release = () => rmSync(lock, { force: true });
  process.once("exit", release);
  try {
    deleteParts(path);
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function isCreated(lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (Object(error).code === "EEXIST") return false;
    throw new CommandError(`Expected to write ${lock}: ${messageOf(error)}.`, { cause: error });
  }
}

/** Null where the lock has none, as where its process was killed while it wrote it. */
async function pidIn(lock: string): Promise<number | null> {
  for (let i = 0; i < 10; i++) {
    try {
      const pid = Number(readFileSync(lock, "utf8"));
      if (Number.isInteger(pid) && pid > 0) return pid;
    } catch {
      return null;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return Object(error).code === "EPERM";
  }
}

function deleteParts(path: string): void {
  const start = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    const pid = /^(\d+)\.part$/.exec(name.startsWith(start) ? name.slice(start.length) : "")?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(dirname(path), name), { force: true });
  }
}
