/** This module finds races of invocations for workgroup memory, whatever the order in which a device runs them. */
import { BARRIER, type Trace, WRITE } from "./programTrace.ts";

/**
 * Gives the sites of every two accesses that race: different invocations access the same place, at least one of them writes,
 * and no barrier lies in between. The barrier that is left out counts as if it were not there.
 *
 * @throws Error where invocations wait at different barriers
 */
export function racesIn(
  traces: readonly Trace[],
  size: number,
  withoutBarrier = -1,
): [number, number][] {
  const found = new Map<string, [number, number]>();
  const next = traces.map(() => 0);
  // For each place they tell which invocation accessed it last, at which site, and in which phase between barriers.
  const [writers, readers] = [newAccesses(size), newAccesses(size)];
  const lengths = traces.map(({ kinds }) => kinds.length);
  for (let phase = 1; next.some((at, i) => at < (lengths[i] as number)); phase++) {
    const waitsAt = new Set<number | undefined>();
    for (const [invocation, { kinds, places, sites }] of traces.entries()) {
      let at = next[invocation] as number;
      for (; at < kinds.length; at++) {
        const [kind, place, site] = [kinds[at], places[at] as number, sites[at] as number];
        if (kind === BARRIER && site !== withoutBarrier) break;
        if (kind === BARRIER) continue;
        for (const others of kind === WRITE ? [writers, readers] : [writers]) {
          const other = others.by[place] as number;
          if (others.phase[place] !== phase || other === invocation) continue;
          const first = others.site[place] as number;
          const sites: [number, number] = first < site ? [first, site] : [site, first];
          found.set(String(sites), sites);
        }
        const own = kind === WRITE ? writers : readers;
        const isOther = own.phase[place] === phase && own.by[place] !== invocation;
        own.phase[place] = phase;
        own.by[place] = isOther ? SEVERAL : invocation;
        own.site[place] = site;
      }
      next[invocation] = at + 1;
      waitsAt.add(sites[at]);
    }
    if (waitsAt.size > 1) throw new Error("Invocations wait at different barriers.");
  }
  return [...found.values()];
}

const SEVERAL = -1;

function newAccesses(size: number) {
  return { phase: new Int32Array(size), by: new Int32Array(size), site: new Int32Array(size) };
}
