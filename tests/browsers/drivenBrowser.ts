import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A browser with one page, driven from outside. */
export interface DrivenBrowser {
  /** Where its downloads come. */
  readonly downloads: string;
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** What a function gives that is called in the page; it is sent as text, and so are its arguments. */
  evaluate<T, A extends unknown[]>(call: (...args: A) => T | Promise<T>, ...args: A): Promise<T>;
  /** A click of the mouse at a place of the window, in CSS pixels. */
  clickAt(x: number, y: number): Promise<void>;
  /** The window as PNG; null where the driver's has nothing of the page. */
  readonly screenshot: (() => Promise<Buffer>) | null;
  close(): Promise<void>;
}

/** @returns the first of the programs that is installed, by path or by a name in PATH */
export function findProgram(candidates: readonly (string | undefined)[]): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = candidates.flatMap((name) => {
    if (!name) return [];
    return name.includes("/") ? [name] : folders.map((folder) => join(folder, name));
  });
  return paths.find((path) => existsSync(path)) ?? null;
}
