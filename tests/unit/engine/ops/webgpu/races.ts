/** Races of invocations for workgroup memory, whatever the order in which a device runs them. */
import { BARRIER, type Trace, WRITE } from "./workgroupTrace.ts";

/** Two accesses of the same place by different invocations, at least one of which writes, without a barrier in between. */
export interface Race {
  /** Of the code, ascending. */
  lines: [number, number];
}

/** Any two of them that race, once; as if there were no barrier in the line that is left out. */
export function racesIn(traces: readonly Trace[], size: number, withoutBarrier = -1): Race[] {
  const found = new Map<string, Race>();
  const next = traces.map(() => 0);
  // Of each place, by whom it was accessed last and where, in which phase between barriers.
  const [writers, readers] = [newAccesses(size), newAccesses(size)];
  const lengths = traces.map(({ kinds }) => kinds.length);
  for (let phase = 1; next.some((at, i) => at < (lengths[i] as number)); phase++) {
    for (const [invocation, { kinds, places, lines }] of traces.entries()) {
      let at = next[invocation] as number;
      for (; at < kinds.length; at++) {
        const [kind, place, line] = [kinds[at], places[at] as number, lines[at] as number];
        if (kind === BARRIER && line !== withoutBarrier) break;
        if (kind === BARRIER) continue;
        for (const others of kind === WRITE ? [writers, readers] : [writers]) {
          const other = others.by[place] as number;
          if (others.phase[place] !== phase || other === invocation) continue;
          const first = others.line[place] as number;
          const between: Race["lines"] = first < line ? [first, line] : [line, first];
          found.set(String(between), { lines: between });
        }
        const own = kind === WRITE ? writers : readers;
        const isOther = own.phase[place] === phase && own.by[place] !== invocation;
        own.phase[place] = phase;
        own.by[place] = isOther ? SEVERAL : invocation;
        own.line[place] = line;
      }
      next[invocation] = at + 1;
    }
  }
  return [...found.values()];
}

const SEVERAL = -1;

function newAccesses(size: number) {
  const [phase, by, line] = [0, 1, 2].map(() => new Int32Array(size)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  return { phase, by, line };
}

/** The lines of the barriers that the invocations come to. */
export function barriersIn(traces: readonly Trace[]): number[] {
  const lines = traces.flatMap((trace) => trace.lines.filter((_, i) => trace.kinds[i] === BARRIER));
  return [...new Set(lines)].sort((a, b) => a - b);
}
