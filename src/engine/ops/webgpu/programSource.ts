/** The WGSL around the code of a program: its buffers, its uniforms and its entry point. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Extension } from "./device.ts";
import { HALF_TYPES, isHalf, withHalves } from "./halves.ts";
import type { Source } from "./pipelines.ts";

/** Invocations of a workgroup that share nothing: one or two of what a card runs in step. */
export const WORKGROUP_SIZE = 64;

/** Floats that a buffer is read or written by. */
export type Width = 1 | 4;

/** A tensor that a program reads, of f32 when not said; or a table of `tableOf`. */
export type Input =
  | readonly [tensor: TensorInfo, width: Width, type?: "f32" | "i32" | "u32"]
  | readonly [table: GPUBuffer, width: 1, type: "i32"];

/** What a program computes. */
export interface ProgramCode {
  /** Extensions of WGSL that the code uses, known by `variant`; only where `canEnable` says so. */
  enables?: readonly Extension[] | undefined;
  /** Values of the code's `uniforms`, by name; integers. They are kept, so they follow from shapes. */
  uniforms: Record<string, number>;
  /** Invocations that share workgroup memory and barriers, known by `variant`; without it, nothing is shared. */
  workgroupSize?: number | undefined;
  /**
   * WGSL with `fn main(index: i32)`; with a workgroup size, `fn main(group: i32, local: i32)`, the
   * workgroup and the place in it. Places of a subgroup, where it enables these, lie side by side, from a multiple of its
   * size on. Asked for once a pipeline.
   */
  code: () => string;
}

/** A buffer that the code reads or writes. */
export interface Variable {
  name: string;
  width: Width;
  type?: Input[2];
  tensor: Input[0];
}

interface Variables {
  read: readonly Variable[];
  written: readonly Variable[];
}

export function isOfHalves(tensor: Input[0]): boolean {
  return !isTable(tensor) && isHalf(tensor);
}

export function isTable(tensor: Input[0]): tensor is GPUBuffer {
  return !("dataId" in tensor);
}

/**
 * WGSL does not say which invocations by `local_invocation_index` make a subgroup, so subgroups take their places as
 * they come. What is computed depends on the places alone. In a program without barriers SwiftShader sets the counter
 * to zero for every subgroup anew.
 */
const PLACE_IN_SUBGROUPS = `
  let subgroupSize = subgroupAdd(1u);
  var first = 0u;
  if (subgroupBroadcastFirst(lane) == lane) { first = atomicAdd(&numPlaces, subgroupSize); }
  let local = subgroupBroadcastFirst(first) + lane;
  workgroupBarrier();`;

/** Binds outputs, inputs and uniforms, in this order. */
export function sourceOf(program: ProgramCode, { read, written }: Variables): Source {
  const { uniforms, workgroupSize, enables, code } = program;
  const declared = (access: string) => (variable: Variable) =>
    `var<storage, ${access}> ${variable.name}: array<${elementType(variable)}>;`;
  const fields = Object.keys(uniforms).map((name) => `${name}: i32,`);
  const variables = [
    ...written.map(declared("read_write")),
    ...read.map(declared("read")),
    "var<uniform> uniforms: Uniforms;",
  ];
  const size = workgroupSize ?? WORKGROUP_SIZE;
  const usesSubgroups = enables?.includes("subgroups");
  return {
    enables,
    numInputs: read.length,
    numOutputs: written.length,
    code: `
struct Uniforms { ${fields.join(" ")} }
${variables.map((variable, binding) => `@group(0) @binding(${binding}) ${variable}`).join("\n")}
${withHalves(code(), { read: halvesOf(read), written: halvesOf(written) })}
${usesSubgroups ? "var<workgroup> numPlaces: atomic<u32>;" : ""}
@compute @workgroup_size(${size})
fn start(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(${usesSubgroups ? "subgroup_invocation_id) lane" : "local_invocation_index) local"}: u32,
) {
  ${usesSubgroups ? PLACE_IN_SUBGROUPS : ""}
  let group = i32(id.x + id.y * count.x);
  main(${workgroupSize ? "group, i32(local)" : `group * ${size} + i32(local)`});
}`,
  };
}

function elementType({ tensor, width, type }: Variable): string {
  return isOfHalves(tensor) ? HALF_TYPES[width] : vectorType(width, type);
}

function halvesOf(variables: readonly Variable[]): Variable[] {
  return variables.filter(({ tensor }) => isOfHalves(tensor));
}

/** WGSL's type of so many numbers. */
export function vectorType(width: Width, type: Input[2] = "f32"): string {
  return width === 4 ? `vec4<${type}>` : type;
}
