import { compareSchedule } from "./compareSchedule.ts";
import { type Comparison, compareUnet } from "./compareUnet.ts";
import { parseReference } from "./reference.ts";

/** All comparisons of a reference file, by its kind: a schedule or a network. */
export async function compareFile(name: string, bytes: Uint8Array): Promise<Comparison[]> {
  const reference = parseReference(name, bytes);
  const comparisons: Comparison[] = [];
  const source = name.startsWith("schedule-") ? compareSchedule(reference) : compareUnet(reference);
  for await (const comparison of source) comparisons.push(comparison);
  return comparisons;
}

/** Not `error > bound`, which a NaN would pass. */
export function isWithinBound({ error, bound }: Comparison): boolean {
  return error <= bound;
}
