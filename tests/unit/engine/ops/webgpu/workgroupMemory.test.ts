import { beforeAll, describe, expect, it } from "vitest";
import { forceTuning } from "../../../../../src/engine/ops/webgpu/tuning.ts";
import { TUNINGS } from "../../../../gpu/kernelShapes.ts";
import { CASES, evaluateCase } from "../../../../gpu/operations.ts";
import { type FakeDispatch, startOnFakeGpu } from "../../../fakeGpu.ts";
import { type TracedProgram, tracedProgram } from "./programTrace.ts";
import { racesIn } from "./races.ts";

/** Makes a program whose four invocations share `memory`. */
function programWith(code: string): TracedProgram {
  const made = `
struct Uniforms { count: i32, }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<uniform> uniforms: Uniforms;
var<workgroup> memory: array<f32, 8>;
${code}
@compute @workgroup_size(4)
fn start() { main(0, 0); }`;
  const contents = [null, Int32Array.of(2).buffer];
  return tracedProgram({ label: "made", code: made, contents, numGroups: 1 }, "workgroup memory");
}

function hasRace(code: string): boolean {
  const program = programWith(code);
  return racesIn(program.traceGroup(0), program.size).length > 0;
}

describe("a race for workgroup memory", () => {
  const next = "memory[(local + 1) % 4]";

  it.each([
    ["reads what another writes", `memory[local] = 1.0; let other = ${next};`],
    ["writes what another reads", `let other = ${next}; memory[local] = other;`],
    ["writes what another writes", "memory[local / 2] = 1.0;"],
    ["adds to what another reads", `memory[local] += ${next};`],
    [
      "comes with the next turn of a loop",
      `for (var i = 0; i < uniforms.count; i++) { memory[local] = x[i]; workgroupBarrier(); let other = ${next}; }`,
    ],
  ])("is found where an invocation %s", (_, code) => {
    expect(hasRace(`fn main(group: i32, local: i32) { ${code} }`)).toBe(true);
  });

  it("is found where a function that ends with reading is called again", () => {
    const helper = (end: string) => `
fn sumOf(local: i32, value: f32) -> f32 {
  memory[local] = value;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0; i < 4; i++) { sum += memory[i]; }
  ${end}
  return sum;
}
fn main(group: i32, local: i32) { let twice = sumOf(local, x[local]) + sumOf(local, x[local + 4]); }`;
    expect(hasRace(helper(""))).toBe(true);
    expect(hasRace(helper("workgroupBarrier();"))).toBe(false);
  });

  it.each([
    ["a barrier lies in between", `memory[local] = 1.0; workgroupBarrier(); let other = ${next};`],
    ["each has a place of its own", "memory[local] = 1.0; memory[local] += memory[local];"],
    ["all only read", "let one = memory[0]; let other = memory[1];"],
    [
      "places are apart by what the program is given",
      "memory[local * uniforms.count] = 1.0; let own = memory[local * 2 + 1];",
    ],
  ])("is none where %s", (_, code) => {
    expect(hasRace(`fn main(group: i32, local: i32) { ${code} }`)).toBe(false);
  });

  it("is not looked for where invocations wait at different barriers", () => {
    const program = programWith(
      "fn main(group: i32, local: i32) { if (local > 1) { workgroupBarrier(); } memory[local] = 1.0; }",
    );
    const traces = program.traceGroup(0);
    expect(() => racesIn(traces, program.size)).toThrow("wait at different barriers");
  });

  it("is not looked for where what is computed decides on places", () => {
    const program = programWith(
      "fn main(group: i32, local: i32) { if (x[local] > 0.0) { memory[0] = 1.0; } }",
    );
    expect(() => program.traceGroup(0)).toThrow("by what is computed");
  });
});

/**
 * After invocations have combined their values (`fold` in blocks.ts) they wait, since another part of the program may write to
 * the tile next. In these programs nothing does after the last time.
 */
const WAITING_FOR_NOBODY = [
  "fullAttentionTiledGradient",
  "fullAttentionTiledOutput",
  "linearAttentionKeys",
];

describe("the workgroup memory of all programs", () => {
  const kernels = new Set<string>();
  const races: object[] = [];
  /** For each barrier of a program it tells whether one of the program's variants has a race without it. */
  const needed = new Map<string, boolean>();

  /** Looks at the first workgroup, at one in the middle and at the last. */
  function inspect(dispatch: FakeDispatch) {
    const [kernel = ""] = dispatch.label.split(" ");
    const program = tracedProgram(dispatch, "workgroup memory");
    const { size, barriers } = program;
    kernels.add(kernel);
    for (const group of new Set([0, dispatch.numGroups >> 1, dispatch.numGroups - 1])) {
      const traces = program.traceGroup(group);
      for (const sites of racesIn(traces, size)) {
        races.push({ kernel, between: sites.map((site) => program.lineOf(site)) });
      }
      for (const [i, barrier] of barriers.entries()) {
        const name = `${kernel}, barrier ${i + 1} of ${barriers.length}`;
        if (needed.get(name)) continue;
        needed.set(name, racesIn(traces, size, barrier).length > 0);
      }
    }
  }

  beforeAll(async () => {
    const { account, backend } = await startOnFakeGpu();
    const inspected = new Set<string>();
    account.onDispatch = (dispatch) => {
      const { code } = dispatch;
      // TensorFlow.js' own programs have another entry point.
      const isShared = code.includes("fn start(") && code.includes("var<workgroup>");
      if (!isShared || inspected.has(code)) return;
      inspected.add(code);
      inspect(dispatch);
    };
    for (const [name, { tunings = [null], isLong }] of CASES) {
      for (const tuning of isLong ? [] : tunings) {
        forceTuning(backend.device, tuning && TUNINGS[tuning]);
        await evaluateCase("webgpu", name);
      }
    }
  }, 120_000);

  it("has no place that two invocations access without a barrier in between, where one writes", () => {
    expect(races).toEqual([]);
    expect(kernels.size).toBeGreaterThanOrEqual(15);
  });

  it("has no barrier that nothing needs, so the loss of any is noticed", () => {
    const without = [...needed].filter(([, isNeeded]) => !isNeeded).map(([name]) => name);
    expect(without.map((name) => name.split(",")[0]).sort()).toEqual(WAITING_FOR_NOBODY);
    expect(needed.size).toBeGreaterThan(60);
  });
});
