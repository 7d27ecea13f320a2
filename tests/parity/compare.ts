import { compareConditional } from "./compareConditional.ts";
import { compareEdit } from "./compareEdit.ts";
import { compareFlow } from "./compareFlow.ts";
import { comparePlane } from "./comparePlane.ts";
import { compareSamplers } from "./compareSamplers.ts";
import { compareSchedule } from "./compareSchedule.ts";
import { compareUnet } from "./compareUnet.ts";
import { type Comparison, parseReference, type Reference } from "./reference.ts";

type Source = (reference: Reference) => Iterable<Comparison> | AsyncIterable<Comparison>;

/** What is compared of a file, by the first word of its name: `<kind>-<anything>.safetensors`. */
const KINDS: Record<string, Source> = {
  schedule: compareSchedule,
  unet: compareUnet,
  conditional: compareConditional,
  samplers: compareSamplers,
  flow: compareFlow,
  edit: compareEdit,
  plane: comparePlane,
};

/** All comparisons of a reference file, by its kind; one of no known kind is taken for a network. */
export async function compareFile(name: string, bytes: Uint8Array): Promise<Comparison[]> {
  const reference = parseReference(name, bytes);
  const source = KINDS[name.split("-")[0] as string] ?? compareUnet;
  const comparisons: Comparison[] = [];
  for await (const comparison of source(reference)) comparisons.push(comparison);
  return comparisons;
}

/** Not `error > bound`, which a NaN would pass. */
export function isWithinBound({ error, bound }: Comparison): boolean {
  return error <= bound;
}
