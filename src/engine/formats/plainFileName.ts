import { truncated } from "../text.ts";

/** A name of any text as one that every file system takes: letters, digits and hyphens. */
export function plainFileName(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replace(/^-/, "");
  return truncated(plain, 80).replace(/-$/, "").toLowerCase() || "run";
}
