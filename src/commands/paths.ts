import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CommandError } from "./commandError.ts";

/** npm runs commands in the project's folder, wherever it was called. */
export function fromCaller(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** @throws CommandError where a file would be written over */
export function newFile(option: string, path: string): string {
  const whole = fromCaller(path);
  if (!existsSync(whole)) return whole;
  throw new CommandError(
    `Expected a new file for --${option}, but ${whole} is there. Name another.`,
  );
}
