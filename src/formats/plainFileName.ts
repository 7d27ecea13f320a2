/** A name of any text as one that every file system takes: letters, digits and hyphens. */
export function plainFileName(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");
  return plain.slice(0, 80).toLowerCase() || "run";
}
