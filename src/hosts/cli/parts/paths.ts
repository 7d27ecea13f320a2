import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CommandError } from "./commandError.ts";

/** npm runs commands in the project's folder, wherever it was called. */
export function fromCaller(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** @throws CommandError where there is no file */
export function existingFile(option: string, path: string): string {
  const whole = fromCaller(path);
  if (statSync(whole, { throwIfNoEntry: false })?.isFile()) return whole;
  throw new CommandError(`Expected --${option} FILE, but at ${whole} there is no file.`);
}

/** @throws CommandError where a file would be written over, or its folder is not there */
export function newFile(option: string, path: string): string {
  const whole = fromCaller(path);
  if (existsSync(whole)) {
    throw new CommandError(
      `Expected a new file for --${option}, but ${whole} is there. Name another.`,
    );
  }
  if (!existsSync(dirname(whole))) {
    throw new CommandError(
      `Expected the folder of --${option} ${path} to be there. Make ${dirname(whole)} first.`,
    );
  }
  return whole;
}
