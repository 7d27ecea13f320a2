import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { CommandError } from "../../../../../src/hosts/cli/options.ts";
import { replaceFile, withLockedFile } from "../../../../../src/hosts/cli/parts/outputFiles.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "output-"));
  path = join(folder, "run.safetensors");
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const names = () => readdirSync(folder).sort();
/** What tells another process from this one. */
const OTHER = "00000000-0000-4000-8000-000000000000";
const deadPid = () => spawnSync("true").pid;

describe("a file that is written", () => {
  it("takes the place of the old one, and leaves the files of others beside it alone", () => {
    writeFileSync(`${path}.part`, "a download");
    replaceFile(path, "old");
    replaceFile(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(readFileSync(`${path}.part`, "utf8")).toBe("a download");
    expect(names()).toEqual(["run.safetensors", "run.safetensors.part"]);
  });

  it("that cannot be leaves the old one, nothing beside it, and says why", () => {
    mkdirSync(path);
    expect(() => replaceFile(path, "new")).toThrow(CommandError);
    expect(() => replaceFile(path, "new")).toThrow(`Expected to write ${path}: `);
    expect(names()).toEqual(["run.safetensors"]);
  });
});

describe("a file that one command writes", () => {
  it("is refused to another one until that has ended, and then no lock is left", async () => {
    let end = () => {};
    const first = withLockedFile(path, () => new Promise<void>((resolve) => (end = resolve)));
    const second = withLockedFile(path, async () => expect.fail("It was not locked."));
    await expect(second).rejects.toThrow(`another command (process ${process.pid}) is writing it`);
    end();
    await first;
    await withLockedFile(path, async () => {});
    expect(names()).toEqual([]);
  });

  it("is refused while a process of another shell writes it", async () => {
    const other = spawn("sleep", ["60"]);
    onTestFinished(() => void other.kill());
    writeFileSync(`${path}.lock`, `${other.pid}`);
    await expect(withLockedFile(path, async () => {})).rejects.toThrow(CommandError);
    expect(existsSync(`${path}.lock`)).toBe(true);
  });

  it.each([
    ["a process that was killed", () => `${deadPid()} ${OTHER}`],
    ["an earlier one with the same pid, as in a container", () => `${process.pid} ${OTHER}`],
    ["one of an earlier version", () => `${deadPid()}`],
    ["one of an earlier version with the same pid", () => `${process.pid}`],
    ["one that was killed while it wrote it", () => ""],
  ])("is taken over from %s", async (_, content) => {
    writeFileSync(`${path}.lock`, content());
    await withLockedFile(path, async () => {
      expect(readFileSync(`${path}.lock`, "utf8")).toMatch(
        new RegExp(`^${process.pid} (?!${OTHER})`),
      );
    });
    expect(names()).toEqual([]);
  });

  it("is taken over without what the killed process had half written, and nothing else", async () => {
    writeFileSync(`${path}.lock`, `${deadPid()} ${OTHER}`);
    const others = [".part", ".20261130.part", `.${process.pid}.part`, `.${OTHER}`];
    for (const end of [...others, `.${OTHER}.part`]) writeFileSync(`${path}${end}`, "half");
    await withLockedFile(path, async () => replaceFile(path, "whole"));
    expect(names()).toEqual(["", ...others].map((end) => `run.safetensors${end}`).sort());
  });

  it("is taken over once where two commands find the same lock of a killed process", async () => {
    writeFileSync(`${path}.lock`, `${deadPid()} ${OTHER}`);
    let numWriting = 0;
    let end = () => {};
    const write = async () => {
      numWriting += 1;
      await new Promise<void>((resolve) => (end = resolve));
    };
    // Each reads the lock before the other one goes on.
    const commands = [withLockedFile(path, write), withLockedFile(path, write)];
    await expect(commands[1]).rejects.toThrow("is writing it");
    expect(numWriting).toBe(1);
    expect(names()).toEqual(["run.safetensors.lock"]);
    end();
    await commands[0];
    expect(names()).toEqual([]);
  });

  it("keeps the lock of another command that has taken its place", async () => {
    await withLockedFile(path, async () =>
      writeFileSync(`${path}.lock`, `${process.pid} ${OTHER}`),
    );
    expect(names()).toEqual(["run.safetensors.lock"]);
  });

  it("is free again where the work fails", async () => {
    const failing = withLockedFile(path, async () => {
      throw new Error("It broke.");
    });
    await expect(failing).rejects.toThrow("It broke.");
    expect(names()).toEqual([]);
  });
});
