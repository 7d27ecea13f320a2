/** Files that commands write: whole or not at all, and each by one command at a time. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { messageOf } from "../../../engine/messageOf.ts";
import { CommandError } from "../options.ts";

/** Tells this process from every other one, also from an earlier one with its pid, as in a container that was restarted. */
const PROCESS = crypto.randomUUID();
/** The content of a lock: the pid tells whether the process still lives, the rest whether it is the one that is meant. */
const OWN_LOCK = `${process.pid} ${PROCESS}`;

const partOf = (path: string, owner: string) => `${path}.${owner}.part`;

/**
 * Writes a file at once: a process that is killed, or a full disk, leaves the old one or the new one.
 *
 * @throws CommandError where it cannot be written
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const part = partOf(path, PROCESS);
  try {
    writeFileSync(part, content, { flush: true });
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
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
    const content = await contentOf(lock);
    const [, pid = "", owner] = /^(\d+)(?: ([\da-f-]{36}))?$/.exec(content) ?? [];
    if (isHeld(Number(pid), owner)) {
      throw new CommandError(
        `Expected ${path} to be free, but another command (process ${pid}) is writing it. Wait for its end, or name another file. If there is no such command, delete ${lock}.`,
      );
    }
    if (owner) rmSync(partOf(path, owner), { force: true });
    removeLock(lock, content);
  }
  const release = () => removeLock(lock, OWN_LOCK);
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function isCreated(lock: string): boolean {
  try {
    writeFileSync(lock, OWN_LOCK, { flag: "wx" });
    return true;
  } catch (error) {
    if (Object(error).code === "EEXIST") return false;
    throw new CommandError(`Expected to write ${lock}: ${messageOf(error)}.`, { cause: error });
  }
}

/** Empty where there is none, and where it stays empty since its process was killed before it wrote it. */
async function contentOf(lock: string): Promise<string> {
  for (let i = 0; i < 10; i++) {
    try {
      const content = readFileSync(lock, "utf8");
      if (content !== "") return content;
    } catch {
      return "";
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return "";
}

/** Whether the process that wrote a lock lives. This one's pid in a lock that is not its own is of one that ended before. */
function isHeld(pid: number, owner: string | undefined): boolean {
  if (pid === 0) return false;
  if (pid === process.pid) return owner === PROCESS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return Object(error).code === "EPERM";
  }
}

/**
 * Removes a lock as it was read. Another command may have put its own in that place since: so the lock is first taken
 * away, and put back where it is another.
 */
function removeLock(lock: string, content: string): void {
  const taken = partOf(lock, PROCESS);
  try {
    renameSync(lock, taken);
    const found = readFileSync(taken, "utf8");
    if (found !== content) writeFileSync(lock, found, { flag: "wx" });
  } catch (error) {
    // Somebody else removed it, or has just created one.
    if (!["ENOENT", "EEXIST"].includes(Object(error).code)) {
      throw new CommandError(`Expected to remove ${lock}: ${messageOf(error)}.`, { cause: error });
    }
  } finally {
    rmSync(taken, { force: true });
  }
}
