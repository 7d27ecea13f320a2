import { describe, expect, it } from "vitest";
import { Emulator, type Mistake, UNWRITTEN } from "../../../../wgsl/emulator.ts";

/** Runs a program of 2 workgroups of 4 invocations, which share `memory`; x is 0 to 7. */
function emulated(main: string, rest = "", { given = "", size = 4 } = {}) {
  const code = `${given}
struct Uniforms { count: i32, }
@group(0) @binding(0) var<storage, read_write> result: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<uniform> uniforms: Uniforms;
var<workgroup> memory: array<f32, 8>;
${rest}
@compute @workgroup_size(${size})
fn start(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(local_invocation_index) place: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let local = i32(place);
  let index = i32(id.x) * 4 + local;
  ${main}
}`;
  const result = new Int32Array(8).fill(UNWRITTEN);
  const x = Float32Array.from({ length: 8 }, (_, i) => i);
  const uniforms = Int32Array.of(2, 0, 0, 0);
  const emulator = new Emulator(5);
  emulator.subgroupSize = 4;
  const bindings = [result, x, uniforms].map(({ buffer }) => {
    return { data: buffer, offset: 0, size: buffer.byteLength };
  });
  const dispatch = { label: "made", code, bindings, numGroups: [2, 1, 1] as const };
  emulator.run(dispatch);
  return { emulator, dispatch, values: [...new Float32Array(result.buffer)] };
}

const next = "memory[(local + 1) % 4]";

describe("the emulator notices", () => {
  it.each<[Mistake, string, string]>([
    [
      "race",
      "reading what another writes",
      `memory[local] = 1.0; workgroupBarrier(); result[index] = ${next}; memory[local] = x[index] + ${next};`,
    ],
    [
      "race",
      "writing what another reads",
      `memory[local] = 1.0; workgroupBarrier(); result[index] = ${next}; memory[local] = 2.0;`,
    ],
    ["race", "writing what another writes", "memory[local / 2] = 1.0;"],
    [
      "race",
      "the next turn of a loop",
      `for (var i = 0; i < uniforms.count; i++) { memory[local] = x[i]; workgroupBarrier(); result[index] = ${next}; }`,
    ],
    ["race", "two workgroups at one place of a buffer", "result[local] = x[index];"],
    [
      "divergent barrier",
      "a barrier that not all reach",
      "if (local > 1) { workgroupBarrier(); } result[index] = 1.0;",
    ],
    [
      "divergent barrier",
      "waiting at two barriers",
      "if (local > 1) { workgroupBarrier(); } else { workgroupBarrier(); } result[index] = 1.0;",
    ],
    ["out of bounds", "an index that is clamped", "result[index] = x[index + 1];"],
    [
      "out of bounds",
      "what a select then leaves",
      "result[index] = select(0.0, x[index - 1], index > 0);",
    ],
    ["unwritten memory", "workgroup memory as it begins", "result[index] = memory[local];"],
    ["unwritten memory", "a buffer as it begins", "result[index] += x[index];"],
    ["overflow", "a product", "let at = (index + 65536) * 65536; result[index] = f32(at);"],
    [
      "overflow",
      "an index below zero",
      "let at = u32(index) - 1u; result[index] = x[min(at, 7u)];",
    ],
    [
      "division by zero",
      "zero by zero",
      "result[index] = (x[index] - x[index]) / (x[index] - x[index]);",
    ],
    [
      "half out of range",
      "a number that no half has",
      "result[index] = f32(pack2x16float(vec2<f32>(x[index] * 65504.0, 1.0)));",
    ],
  ])("a %s: %s", (mistake, _, main) => {
    const { emulator } = emulated(main);
    expect(new Set([...emulator.findings.values()].map((finding) => finding.mistake))).toEqual(
      new Set([mistake]),
    );
  });

  it.each([
    ["invocations", { size: 257 }, ""],
    ["workgroup memory", {}, "var<workgroup> more: array<vec4<f32>, 1024>;"],
  ])("a limit of WebGPU: %s", (of, options, rest) => {
    const { emulator } = emulated("if (local < 4) { result[index] = 1.0; }", rest, options);
    expect([...emulator.findings.values()][0]).toMatchObject({ mistake: "limit" });
    expect([...emulator.findings.values()][0]?.of).toContain(of);
  });

  it("a misplaced buffer, and one that is bound twice", () => {
    const { emulator, dispatch } = emulated("result[index] = 1.0;");
    expect(emulator.report()).toEqual([]);
    const [result, x, uniforms] = dispatch.bindings as [object, object, object];
    const whole = dispatch.bindings[0] as (typeof dispatch.bindings)[number];
    emulator.run({ ...dispatch, bindings: [whole, whole, uniforms] as never });
    const moved = { data: new ArrayBuffer(64), offset: 32, size: 32 };
    emulator.run({ ...dispatch, bindings: [result, moved, uniforms] as never });
    expect(x).toBeDefined();
    const mistakes = [...emulator.findings.values()].map(({ mistake }) => mistake);
    expect(mistakes).toEqual(["aliasing", "limit"]);
  });

  it("subgroups that part", () => {
    const { emulator } = emulated(
      "if (lane > 1u) { result[index] = subgroupAdd(x[index]); } else { result[index] = subgroupShuffleXor(x[index], 3u); }",
      "",
      { given: "enable subgroups;" },
    );
    const mistakes = [...emulator.findings.values()].map(({ mistake }) => mistake);
    expect(new Set(mistakes)).toEqual(new Set(["divergent subgroup"]));
  });
});

describe("the emulator finds nothing where", () => {
  it.each([
    [
      "a barrier lies in between",
      `memory[local] = 1.0; workgroupBarrier(); result[index] = ${next};`,
    ],
    [
      "each has a place of its own",
      "memory[local] = 1.0; memory[local] += memory[local]; result[index] = memory[local];",
    ],
    ["all only read", "result[index] = x[0] + x[1];"],
    [
      "a right side is not evaluated",
      "if (index > 0 && x[index - 1] < 9.0) { result[index] = 1.0; }",
    ],
    [
      "random bits wrap around",
      "let bits = u32(index) * 0x9e3779b9u + 0xffffffffu; result[index] = f32(bits >> 9u);",
    ],
  ])("%s", (_, main) => {
    expect(emulated(main).emulator.report()).toEqual([]);
  });
});

describe("what the emulator computes", () => {
  it("is what WGSL says: vectors, loops, functions, switches and halves", () => {
    const { emulator, values } = emulated(
      `
  var v = vec4<f32>(x[index], 1.0, 2.0, 3.0);
  v = v.wzyx;
  for (var i = 0; i < 4; i++) {
    if (i == 1) { continue; }
    if (i == 3) { break; }
    v[i] += 10.0;
  }
  switch (index) {
    case 0: { result[index] = dot(v, vec4<f32>(1.0)); }
    case 1: { result[index] = twice(v.xy).y; }
    case 2: { result[index] = unpack2x16float(pack2x16float(vec2<f32>(0.1, 2049.0))).y; }
    case 3: { result[index] = f32(-7 / 2) + f32(7u % 4u); }
    case 4: { result[index] = select(v, -v, vec4<bool>(true, false, true, false)).z; }
    case 5: { var parts = frexp(x[index]); parts.exp -= 1; result[index] = parts.fract * f32(parts.exp); }
    case 6: { result[index] = bitcast<f32>(bitcast<u32>(1.5) + 0x00800000u); }
    default: { result[index] = min(v.w, 0.25 * f32(i32(-2.9)) - 0.25); }
  }`,
      "fn twice(v: vec2<f32>) -> vec2<f32> { return vec2<f32>(v.y, v.x) * 2.0; }",
    );
    expect(emulator.report()).toEqual([]);
    expect(values).toEqual([26, 26, 2048, 0, -11, 1.25, 3, -0.75]);
  });

  it("adds up in subgroups, whichever invocations these have", () => {
    const { emulator, values } = emulated(
      "result[index] = subgroupAdd(x[index]) + subgroupShuffleXor(f32(lane), 3u) + f32(lane);",
      "",
      { given: "enable subgroups;" },
    );
    expect(emulator.report()).toEqual([]);
    expect(values).toEqual([9, 9, 9, 9, 25, 25, 25, 25]);
  });
});

describe("a barrier that is left out", () => {
  it("is a race where it is needed, and none where it is not", () => {
    const { emulator, dispatch } = emulated(
      `memory[local] = 1.0; workgroupBarrier(); result[index] = ${next}; workgroupBarrier();`,
    );
    const needed = emulator.barriersOf(dispatch.code).map((site) => {
      return emulator.racesWithout(site, dispatch, [0]);
    });
    expect(needed).toEqual([true, false]);
    expect(emulator.report()).toEqual([]);
  });
});
