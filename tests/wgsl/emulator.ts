/**
 * This module runs WGSL without a graphics card, and looks for mistakes that a card may hide.
 *
 * `translate.ts` makes a JavaScript function of a program; where invocations of a workgroup wait for each other, it is a
 * generator. A workgroup's invocations run one after the other, each up to its next barrier, in an order drawn by a seed, as
 * are the order of the workgroups and which invocations make a subgroup. All memory lies in typed arrays.
 *
 * A race does not have to happen to be found. Beside each word the emulator keeps who wrote and who read it last and in which
 * phase, which is the time between two barriers. Two accesses of one phase by different invocations, one of which writes, are
 * a race whatever the order. Nothing orders invocations in a buffer within a dispatch, so for buffers all of it is one phase.
 * Leaving out a barrier therefore only means not to begin a phase there, and a needless barrier is one without which nothing
 * is found.
 *
 * It also finds barriers that not all invocations reach, indices out of bounds (which WebGPU would clamp), reads of what was
 * never written (which WebGPU has set to zero, or to what another tensor left there), overflow of integers that are signed or
 * that an index follows from, division by zero, half floats out of range, and what goes beyond WebGPU's limits. Memory that
 * was not written holds a NaN that no arithmetic makes.
 */
import type { Memory, Translation } from "./translate.ts";
import { translate } from "./translate.ts";

export type Mistake =
  | "race"
  | "divergent barrier"
  | "divergent subgroup"
  | "out of bounds"
  | "unwritten memory"
  | "overflow"
  | "division by zero"
  | "half out of range"
  | "limit"
  | "aliasing";

export interface Finding {
  mistake: Mistake;
  kernel: string;
  /** The variable or buffer, or what else it is about. */
  of: string;
  /** The line of the program. */
  line: string;
  /** Numbers of the first time. */
  detail: string;
}

/** A range of a buffer that a program is given. */
export interface Binding {
  data: ArrayBuffer;
  offset: number;
  size: number;
}

export interface Dispatch {
  label: string;
  /** WGSL. */
  code: string;
  bindings: readonly Binding[];
  numGroups: readonly [number, number, number];
}

export interface RunOptions {
  /** Only these workgroups, by their numbers. */
  groups?: readonly number[];
  /** The site of a barrier that counts as if it were not there. */
  withoutBarrier?: number;
  /** Whether mistakes are looked for. */
  isJudged?: boolean;
}

export interface Load {
  site: number;
  /** The word of the buffer. */
  address: number;
}

/** Bits of a word that was not written: a NaN with a payload. */
export const UNWRITTEN = 0x7fc0dead;

/** WebGPU's limits that every device has. */
const LIMITS = {
  invocations: 256,
  workgroupBytes: 16_384,
  storageBuffers: 8,
  workgroupsPerDimension: 65_535,
  offsetAlignment: 256,
};

const MAX_HALF = 65_504;
const MAX_INT = 2 ** 31 - 1;
const MAX_UNSIGNED = 2 ** 32 - 1;

interface SubgroupRequest {
  operation: string;
  value: number;
  other: number;
  isFloat: boolean;
  site: number;
}

type Step = Generator<number | SubgroupRequest, void, number | boolean | undefined>;

interface Program extends Translation {
  lines: string[];
  bind(views: unknown[]): void;
  enter(variables: object): void;
  makeVariables(): object;
  entry(...builtins: unknown[]): Step | undefined;
}

interface Invocation {
  local: number;
  variables: object;
  subgroup: number;
  lane: number;
  builtins: unknown[];
  step: Step | null;
  reply: number | boolean | undefined;
  /** Where it waits. */
  at: number | SubgroupRequest | null;
}

/** For each word, who accessed it last; a number tells the invocation and the phase or the dispatch. */
interface Shadow {
  writers: Float64Array;
  readers: Float64Array;
}

const newShadow = (numWords: number): Shadow => ({
  writers: new Float64Array(numWords),
  readers: new Float64Array(numWords),
});

/** Between two numbers of invocations, for a word that several have read. */
const SEVERAL = 0.5;

/** It is thrown where a race ends what a program without one of its barriers does. */
const RACE = new Error("There is a race.");

export class Emulator {
  /** Invocations of a subgroup. */
  subgroupSize = 32;
  /** By mistake and line, in the order in which they were found. */
  readonly findings = new Map<string, Finding>();
  readonly #seed: number;
  readonly #random: () => number;
  readonly #programs = new Map<string, Program>();
  readonly #shadows = new WeakMap<ArrayBuffer, Shadow>();
  readonly #runtime: ReturnType<Emulator["makeRuntime"]>;
  #program: Program | null = null;
  #label = "";
  #withoutBarrier = -1;
  #waits = new Map<number, number>();
  #isJudged = true;
  #arena = new ArrayBuffer(0);
  #local = newShadow(0);
  #buffers: (Shadow | null)[] = [];
  /** Bindings begin at these words of their buffers. */
  #starts: number[] = [];
  #phase = 1;
  /** What the numbers of this phase begin with, and that of the invocation that runs. */
  #phaseStart = 0;
  #own = 0;
  /** The same of the dispatch. */
  #dispatchStart = 1;
  #owner = 0;
  /** What the invocations load, where that is asked for, and what the one that runs does. */
  #traces: Load[][] | null = null;
  #loads: Load[] = [];

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = generator(seed);
    this.#runtime = this.makeRuntime();
  }

  /** The findings, one a line. */
  report(): string[] {
    return [...this.findings.values()].map(
      ({ mistake, kernel, of, line, detail }) =>
        `${mistake} in ${kernel}: ${of}, ${detail}; ${line} (seed ${this.#seed})`,
    );
  }

  /** The sites of a program's barriers, but for those in one function. */
  barriersOf(code: string, except?: string): number[] {
    return this.#programOf(code).sites.flatMap(({ barrierIn }, site) =>
      barrierIn !== null && barrierIn !== except ? [site] : [],
    );
  }

  /** @returns how often a workgroup waited at a barrier, at most, by its site */
  run(
    dispatch: Dispatch,
    { groups, withoutBarrier = -1, isJudged = true }: RunOptions = {},
  ): Map<number, number> {
    const program = this.#programOf(dispatch.code, this.#traces !== null);
    this.#program = program;
    this.#label = dispatch.label;
    this.#withoutBarrier = withoutBarrier;
    this.#waits = new Map();
    this.#isJudged = isJudged;
    this.#bind(program, dispatch);
    const [x, y, z] = dispatch.numGroups;
    const order = groups ? [...groups] : Array.from({ length: x * y * z }, (_, i) => i);
    this.#shuffle(order);
    const [sizeX, sizeY, sizeZ] = program.workgroupSize;
    const size = sizeX * sizeY * sizeZ;
    for (const group of order) this.#runGroup(program, dispatch, { group, size });
    this.#dispatchStart += x * y * z * size + 1;
    return this.#waits;
  }

  /** Whether the workgroups race if a barrier is left out. They run on a copy of the buffers. */
  racesWithout(site: number, dispatch: Dispatch, groups: readonly number[]): boolean {
    const before = new Map(this.findings);
    const bindings = dispatch.bindings.map((binding) => {
      const { data, offset, size } = binding;
      return { data: data.slice(offset, offset + size), offset: 0, size };
    });
    try {
      this.run({ ...dispatch, bindings }, { groups, withoutBarrier: site });
      return false;
    } catch (error) {
      if (error !== RACE) throw error;
      return true;
    } finally {
      this.findings.clear();
      for (const [key, finding] of before) this.findings.set(key, finding);
    }
  }

  /** Vectors that the invocations of a workgroup load from buffers that are only read. */
  loadsOf(dispatch: Dispatch, group: number): Load[][] {
    const [x, y, z] = this.#programOf(dispatch.code, true).workgroupSize;
    const traces: Load[][] = Array.from({ length: x * y * z }, () => []);
    this.#traces = traces;
    this.run(dispatch, { groups: [group], isJudged: false });
    this.#traces = null;
    return traces;
  }

  #find(mistake: Mistake, of: string, site: number, detail: string): void {
    if (!this.#isJudged) return;
    const lineNumber = this.#program?.sites[site]?.line ?? 0;
    const [kernel = ""] = this.#label.split(" ");
    const key = `${mistake} ${kernel} ${of} ${lineNumber} ${this.#program?.lines[lineNumber - 1]}`;
    if (this.findings.has(key)) return;
    const line = this.#program?.lines[lineNumber - 1]?.trim() ?? "";
    this.findings.set(key, { mistake, kernel, of, line, detail });
  }

  #memoryName(index: number): string {
    return this.#program?.memories[index]?.name ?? "a variable";
  }

  #programOf(code: string, tracesLoads = false): Program {
    const key = `${tracesLoads} ${code}`;
    const known = this.#programs.get(key);
    if (known) return known;
    const translation = translate(code, { tracesLoads });
    const names = Object.keys(this.#runtime).join(", ");
    const make = new Function("runtime", `const { ${names} } = runtime;\n${translation.script}`);
    const program: Program = {
      ...translation,
      lines: code.split("\n"),
      ...(make(this.#runtime) as Pick<Program, "bind" | "enter" | "makeVariables" | "entry">),
    };
    this.#programs.set(key, program);
    return program;
  }

  #bind(program: Program, dispatch: Dispatch): void {
    this.#checkLimits(program, dispatch);
    const { memories, workgroupWords } = program;
    if (this.#arena.byteLength < 4 * workgroupWords) {
      this.#arena = new ArrayBuffer(4 * workgroupWords);
      this.#local = newShadow(workgroupWords);
    }
    this.#buffers = [];
    this.#starts = [];
    const views: unknown[] = [];
    for (const memory of memories) {
      const isLocal = memory.space === "workgroup";
      const binding = isLocal ? null : dispatch.bindings[memory.binding];
      if (!isLocal && !binding) throw new Error(`Nothing is bound to ${memory.name}.`);
      const data = binding?.data ?? this.#arena;
      const start = binding?.offset ?? 0;
      const numWords = (binding ? binding.size : data.byteLength) / 4;
      views.push(new Float32Array(data, start, numWords));
      views.push(new Int32Array(data, start, numWords));
      views.push(new Uint32Array(data, start, numWords));
      views.push(Math.floor(numWords / memory.stride));
      const isShared = memory.space === "storage" && memory.isWritable;
      this.#buffers.push(isShared ? this.#shadowOf(data) : null);
      this.#starts.push(start / 4);
    }
    program.bind(views);
  }

  #shadowOf(data: ArrayBuffer): Shadow {
    const known = this.#shadows.get(data);
    if (known) return known;
    const shadow = newShadow(data.byteLength / 4);
    this.#shadows.set(data, shadow);
    return shadow;
  }

  #checkLimits(program: Program, { bindings, numGroups }: Dispatch): void {
    const { memories, workgroupSize, workgroupWords } = program;
    const [x, y, z] = workgroupSize;
    const storage = memories.filter(({ space }) => space === "storage");
    const exceeded = (what: string, count: number, most: number) => {
      if (count > most) this.#find("limit", what, 0, `${count} of ${most}`);
    };
    exceeded("invocations of a workgroup", x * y * z, LIMITS.invocations);
    exceeded("bytes of workgroup memory", 4 * workgroupWords, LIMITS.workgroupBytes);
    exceeded("storage buffers", storage.length, LIMITS.storageBuffers);
    exceeded("workgroups", Math.max(...numGroups), LIMITS.workgroupsPerDimension);
    const bound = (memory: Memory) => bindings[memory.binding] as Binding;
    for (const memory of memories) {
      if (memory.space === "workgroup") continue;
      const { data, offset, size } = bound(memory);
      if (offset % LIMITS.offsetAlignment !== 0) {
        this.#find("limit", "the offset of a buffer", 0, `${memory.name} begins at ${offset}`);
      }
      if (!memory.isWritable) continue;
      for (const other of memories) {
        if (other === memory || other.space === "workgroup") continue;
        const { data: others, offset: at, size: length } = bound(other);
        const isSame = others === data && at < offset + size && offset < at + length;
        if (isSame) this.#find("aliasing", memory.name, 0, `it overlaps ${other.name}`);
      }
    }
  }

  #runGroup(
    program: Program,
    { numGroups }: Dispatch,
    { group, size }: { group: number; size: number },
  ): void {
    this.#beginPhase();
    const words = new Int32Array(this.#arena).fill(UNWRITTEN);
    for (const { isAtomic, start, words: count } of program.memories) {
      if (isAtomic) words.fill(0, start, start + count);
    }
    const invocations = this.#invocationsOf(program, numGroups, group, size);
    const enter = ({ local, variables }: Invocation) => {
      this.#own = this.#phaseStart + local;
      this.#owner = this.#dispatchStart + group * size + local;
      if (this.#traces) this.#loads = this.#traces[local] as Load[];
      program.enter(variables);
    };
    if (!program.waits) {
      for (const invocation of invocations) {
        enter(invocation);
        program.entry(...invocation.builtins);
      }
      return;
    }
    const waits = new Map<number, number>();
    for (const each of invocations) each.step = program.entry(...each.builtins) ?? null;
    for (;;) {
      let pending = invocations.filter(({ step }) => step);
      if (pending.length === 0) return;
      while (pending.length > 0) {
        for (const each of pending) {
          enter(each);
          const { done, value } = (each.step as Step).next(each.reply);
          each.at = done ? null : (value as number | SubgroupRequest);
          if (done) each.step = null;
        }
        pending = pending.filter(({ at }) => typeof at === "object" && at !== null);
        this.#answer(pending);
      }
      const waiting = invocations.filter(({ step }) => step);
      if (waiting.length === 0) return;
      const site = waiting[0]?.at as number;
      const others = waiting.filter(({ at }) => at !== site).length;
      if (waiting.length < invocations.length || others > 0) {
        const detail = `${waiting.length - others} of ${invocations.length} wait there`;
        this.#find("divergent barrier", "a workgroup", site, detail);
      }
      const count = (waits.get(site) ?? 0) + 1;
      waits.set(site, count);
      this.#waits.set(site, Math.max(count, this.#waits.get(site) ?? 0));
      if (site !== this.#withoutBarrier) this.#beginPhase();
    }
  }

  #beginPhase(): void {
    this.#phase++;
    this.#phaseStart = this.#phase * 1024;
  }

  /** In the order in which they run. */
  #invocationsOf(
    program: Program,
    numGroups: Dispatch["numGroups"],
    group: number,
    size: number,
  ): Invocation[] {
    const [x, y] = numGroups;
    const [sizeX, sizeY, sizeZ] = program.workgroupSize;
    const id = [group % x, Math.floor(group / x) % y, Math.floor(group / (x * y))];
    const sizes = [sizeX, sizeY, sizeZ];
    const places = Array.from({ length: size }, (_, i) => i);
    if (program.enables.includes("subgroups")) this.#shuffle(places);
    const invocations = Array.from({ length: size }, (_, local): Invocation => {
      const place = places[local] as number;
      const lane = place % this.subgroupSize;
      const own = [
        local % sizeX,
        Math.floor(local / sizeX) % sizeY,
        Math.floor(local / (sizeX * sizeY)),
      ];
      const builtins = program.builtins.flatMap((name) => {
        switch (name) {
          case "workgroup_id":
            return id;
          case "num_workgroups":
            return numGroups;
          case "local_invocation_id":
            return own;
          case "global_invocation_id":
            return own.map((at, i) => at + (id[i] as number) * (sizes[i] as number));
          case "local_invocation_index":
            return local;
          case "subgroup_invocation_id":
            return lane;
          case "subgroup_size":
            return this.subgroupSize;
        }
        throw new Error(`${name} is not known.`);
      });
      const subgroup = Math.floor(place / this.subgroupSize);
      const variables = program.makeVariables();
      return { local, variables, subgroup, lane, builtins, step: null, reply: undefined, at: null };
    });
    this.#shuffle(invocations);
    return invocations;
  }

  /** Gives those that wait for their subgroup what they get. */
  #answer(waiting: readonly Invocation[]): void {
    const subgroups = new Map<number, Invocation[]>();
    for (const each of waiting) {
      subgroups.set(each.subgroup, [...(subgroups.get(each.subgroup) ?? []), each]);
    }
    for (const lanes of subgroups.values()) {
      lanes.sort((a, b) => a.lane - b.lane);
      const requests = lanes.map(({ at }) => at as SubgroupRequest);
      const [first] = requests as [SubgroupRequest];
      if (requests.some(({ site }) => site !== first.site)) {
        this.#find("divergent subgroup", first.operation, first.site, "lanes are elsewhere");
      }
      const sum = requests.reduce((before, { value, isFloat }) => {
        return isFloat ? Math.fround(before + value) : before + value;
      }, 0);
      for (const [i, lane] of lanes.entries()) {
        const { value, other, operation, site } = requests[i] as SubgroupRequest;
        switch (operation) {
          case "subgroupAdd":
            lane.reply = sum;
            break;
          case "subgroupElect":
            lane.reply = i === 0;
            break;
          case "subgroupBroadcastFirst":
            lane.reply = first.value;
            break;
          case "subgroupShuffleXor": {
            const from = lanes.findIndex((each) => each.lane === (lane.lane ^ other));
            if (from < 0) this.#find("divergent subgroup", operation, site, `lane ${lane.lane}`);
            lane.reply = requests[from]?.value ?? value;
            break;
          }
          default:
            throw new Error(`${operation} is not known.`);
        }
      }
    }
  }

  #shuffle(items: unknown[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(this.#random() * (i + 1));
      const item = items[i];
      items[i] = items[j];
      items[j] = item;
    }
  }

  /** What the translated program calls. */
  makeRuntime() {
    const { fround } = Math;
    const scratch = new ArrayBuffer(4);
    const [floats, ints, unsigned] = [
      new Float32Array(scratch),
      new Int32Array(scratch),
      new Uint32Array(scratch),
    ];
    const views = { f32: floats, i32: ints, u32: unsigned };
    const race = (memory: number, site: number, address: number) => {
      if (this.#withoutBarrier >= 0) throw RACE;
      this.#find("race", this.#memoryName(memory), site, `word ${address}`);
    };
    const overflow = (of: string, site: number) =>
      this.#find("overflow", of, site, "it wraps around");
    const byZero = (a: number, site: number) =>
      this.#find("division by zero", "an operand", site, `${a} / 0`);
    const signed = (result: number, operator: string, a: number, b: number, site: number) => {
      if (result > MAX_INT || result < -MAX_INT - 1) overflow(`${a} ${operator} ${b}`, site);
      return result | 0;
    };
    const notNegative = (result: number, operator: string, a: number, b: number, site: number) => {
      if (result > MAX_UNSIGNED || result < 0) overflow(`${a} ${operator} ${b}`, site);
      return result >>> 0;
    };
    const unwritten = (memory: number, site: number, address: number) =>
      this.#find("unwritten memory", this.#memoryName(memory), site, `word ${address}`);
    return {
      fround,
      /** The numbers that a function returns, if several. */
      R: new Float64Array(64),
      within: (index: number, length: number, memory: number, site: number): number => {
        if (index >= 0 && index < length) return index;
        const detail = `index ${index} of ${length}`;
        this.#find("out of bounds", this.#memoryName(memory), site, detail);
        return index < 0 ? 0 : length - 1;
      },
      reads: (address: number, memory: number, site: number): void => {
        if (noteRead(this.#local, address, this.#phaseStart, this.#own))
          race(memory, site, address);
      },
      writes: (address: number, memory: number, site: number): void => {
        if (noteWrite(this.#local, address, this.#phaseStart, this.#own))
          race(memory, site, address);
      },
      readsBuffer: (address: number, memory: number, site: number): void => {
        const at = (this.#starts[memory] as number) + address;
        const shadow = this.#buffers[memory] as Shadow;
        if (noteRead(shadow, at, this.#dispatchStart, this.#owner)) race(memory, site, address);
      },
      writesBuffer: (address: number, memory: number, site: number): void => {
        const at = (this.#starts[memory] as number) + address;
        const shadow = this.#buffers[memory] as Shadow;
        if (noteWrite(shadow, at, this.#dispatchStart, this.#owner)) race(memory, site, address);
      },
      loads: (address: number, site: number): void => {
        this.#loads.push({ site, address });
      },
      loadF: (
        view: Float32Array,
        bits: Int32Array,
        address: number,
        memory: number,
        site: number,
      ): number => {
        const value = view[address] as number;
        if (Number.isNaN(value) && bits[address] === UNWRITTEN) unwritten(memory, site, address);
        return value;
      },
      loadI: (
        view: Int32Array | Uint32Array,
        address: number,
        memory: number,
        site: number,
      ): number => {
        const value = view[address] as number;
        if (value === UNWRITTEN) unwritten(memory, site, address);
        return value;
      },
      add: (a: number, b: number, site: number) => {
        const sum = a + b;
        return sum === (sum | 0) ? sum : signed(sum, "+", a, b, site);
      },
      subtract: (a: number, b: number, site: number) => {
        const difference = a - b;
        return difference === (difference | 0) ? difference : signed(difference, "-", a, b, site);
      },
      multiply: (a: number, b: number, site: number) => {
        const product = a * b;
        return product === (product | 0) ? product | 0 : signed(product, "*", a, b, site);
      },
      divide: (a: number, b: number, site: number) => {
        if (b === 0) byZero(a, site);
        return (a / b) | 0;
      },
      remainder: (a: number, b: number, site: number) => {
        if (b === 0) byZero(a, site);
        if (a < 0 || b < 0) overflow(`${a} % ${b}`, site);
        return (a % b) | 0;
      },
      addUnsigned: (a: number, b: number, site: number) => notNegative(a + b, "+", a, b, site),
      subtractUnsigned: (a: number, b: number, site: number) => notNegative(a - b, "-", a, b, site),
      multiplyUnsigned: (a: number, b: number, site: number) => notNegative(a * b, "*", a, b, site),
      divideUnsigned: (a: number, b: number, site: number) => {
        if (b === 0) byZero(a, site);
        return (a / b) >>> 0;
      },
      remainderUnsigned: (a: number, b: number, site: number) => {
        if (b === 0) byZero(a, site);
        return (a % b) >>> 0;
      },
      divideFloats: (a: number, b: number, site: number) => {
        if (b === 0) byZero(a, site);
        return fround(a / b);
      },
      toInt: (x: number) => Math.max(-MAX_INT - 1, Math.min(MAX_INT, Math.trunc(x))) | 0,
      toUnsigned: (x: number) => Math.max(0, Math.min(MAX_UNSIGNED, Math.trunc(x))) >>> 0,
      bitcast: (value: number, from: keyof typeof views, to: keyof typeof views): number => {
        views[from][0] = value;
        return views[to][0] as number;
      },
      pack: (x: number, y: number, site: number): number => {
        for (const each of [x, y]) {
          if (Math.abs(each) <= MAX_HALF) continue;
          this.#find("half out of range", "pack2x16float", site, String(each));
        }
        return (halfBits(x) | (halfBits(y) << 16)) >>> 0;
      },
      unpack: halfOf,
      fractionOf: (x: number) => (x === 0 ? 0 : x / 2 ** exponentOf(x)),
      exponentOf: (x: number) => (x === 0 ? 0 : exponentOf(x)),
      roundToEven: (x: number) => {
        const rounded = Math.round(x);
        return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
      },
      fractOf: (x: number) => fround(x - Math.floor(x)),
    };
  }
}

/**
 * Notes that an invocation reads a word, and tells whether another has written it.
 *
 * @param start numbers of this phase begin with it
 */
function noteRead({ writers, readers }: Shadow, at: number, start: number, own: number): boolean {
  const [writer, reader] = [writers[at] as number, readers[at] as number];
  readers[at] = reader >= start && reader !== own ? start + SEVERAL : own;
  return writer >= start && writer !== own;
}

/** Notes that an invocation writes a word, and tells whether another has accessed it. */
function noteWrite({ writers, readers }: Shadow, at: number, start: number, own: number): boolean {
  const [writer, reader] = [writers[at] as number, readers[at] as number];
  writers[at] = own;
  return (writer >= start && writer !== own) || (reader >= start && reader !== own);
}

/** Mulberry32, numbers from 0 up to 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So that |x| / 2 to this power is at least a half and less than 1. */
function exponentOf(x: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(x))) + 1;
  const fraction = Math.abs(x) / 2 ** exponent;
  return fraction >= 1 ? exponent + 1 : fraction < 0.5 ? exponent - 1 : exponent;
}

/** The nearest half float, of two equally near ones the even. */
function halfBits(x: number): number {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const size = Math.abs(x);
  if (Number.isNaN(x)) return 0x7e00;
  const exponent = Math.max(-14, Math.min(15, exponentOf(size || 1) - 1));
  const scaled = size / 2 ** (exponent - 10);
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
  // A mantissa of 2048 carries into the exponent, and 1024 stands for the leading bit.
  const bits = size === 0 ? 0 : rounded + ((exponent + 14) << 10);
  return sign | Math.min(bits, 0x7c00);
}

function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, mantissa] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
