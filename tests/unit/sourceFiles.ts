/** The files of src, for tests of what stands where. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

/** All files of src, as paths from there. */
const NAMES = (readdirSync(SRC, { recursive: true, encoding: "utf8" }) as string[])
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.\w+$/.test(path));
export const FILES = NAMES.filter((path) => /\.tsx?$/.test(path));

/** What a file says to the computer. */
export function codeOf(path: string): string {
  const text = readFileSync(join(SRC, path), "utf8");
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}
