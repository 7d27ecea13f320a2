/** A name of any text as one that every file system takes: letters, digits and hyphens. */
export function plainFileName(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");
  // Without half a letter at the end.
  return (
    plain
      .slice(0, 80)
      .replace(/[\uD800-\uDBFF]$/, "")
      .toLowerCase() || "run"
  );
}
