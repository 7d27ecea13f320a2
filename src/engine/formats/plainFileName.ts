import { truncated } from "../shortenedText.ts";

/** A file name that every file system accepts: the letters and digits of a text, with hyphens between. */
export function plainFileName(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replace(/^-/, "");
  return truncated(plain, 80).replace(/-$/, "").toLowerCase() || "run";
}
