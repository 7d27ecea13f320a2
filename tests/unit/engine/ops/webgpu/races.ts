/** Races of invocations for workgroup memory, whatever the order in which a device runs them. */
import { BARRIER, type Trace, WRITE } from "./programTrace.ts";

/**
 * Every two accesses that race, by their sites: of the same place by different invocations, one of which writes, without a
 * barrier in between; as if the barrier that is left out were not there.
 */
export function racesIn(
  traces: readonly Trace[],
  size: number,
  withoutBarrier = -1,
): [number, number][] {
  const found = new Map<string, [number, number]>();
  const next = traces.map(() => 0);
  // Of each place, by whom it was accessed last and where, in which phase between barriers.
  const [writers, readers] = [newAccesses(size), newAccesses(size)];
  const lengths = traces.map(({ kinds }) => kinds.length);
  for (let phase = 1; next.some((at, i) => at < (lengths[i] as number)); phase++) {
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
    }
  }
  return [...found.values()];
}

const SEVERAL = -1;

function newAccesses(size: number) {
  return { phase: new Int32Array(size), by: new Int32Array(size), site: new Int32Array(size) };
}
