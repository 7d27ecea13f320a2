import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { env, type TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelName, Kernels } from "../kernel.ts";
import { bindingOf, countDispatch, passOf } from "./commands.ts";
import type { Extension } from "./device.ts";
import { bindGroupOf, compileAhead, pipelineOf, type Source, uniformsOf } from "./pipelines.ts";
import { reportDispatch, type Work } from "./work.ts";

/** Invocations of a workgroup that share nothing: one or two of what a card runs in step. */
const WORKGROUP_SIZE = 64;

/** Workgroups along one axis, at least: WebGPU's default limit. */
const MAX_WORKGROUPS = 65_535;

/** What a kernel on WebGPU is given. */
export type KernelCall<K extends KernelName> = Kernels[K] & { backend: WebGPUBackend };

/** Floats that a buffer is read or written by. */
export type Width = 1 | 4;

/** A tensor that a program reads; of f32 when not said. */
export type Input = readonly [tensor: TensorInfo, width: Width, type?: "f32" | "i32" | "u32"];

export type Output = readonly [shape: number[], width: Width];

export interface Program<K extends string = string> {
  name: string;
  /** What the code depends on besides which inputs there are, and the widths of inputs and outputs. */
  variant?: string;
  /** By the names that the code reads from; those that are undefined are left out. */
  inputs: Record<string, Input | undefined>;
  /** Extensions of WGSL that the code uses, known by `variant`; only where `canEnable` says so. */
  enables?: readonly Extension[] | undefined;
  /** Tensors that the program makes, by the names that its code writes to. */
  outputs: Record<K, Output>;
  /** Values of the code's `uniforms`, by name; integers. They are kept, so they follow from shapes. */
  uniforms: Record<string, number>;
  /** How often `main` runs; a few times more, so that it must check its index. */
  numInvocations: number;
  /** Invocations that share workgroup memory and barriers, known by `variant`; without it, nothing is shared. */
  workgroupSize?: number | undefined;
  /** Where the shapes of inputs and outputs do not tell it. Asked for only when the cost of a step is counted. */
  work?: (() => Work) | undefined;
  /**
   * WGSL with `fn main(index: i32)`; with a workgroup size, `fn main(group: i32, local: i32)`, the
   * workgroup and the place in it. Asked for once a pipeline.
   */
  code: () => string;
}

/** Runs a program; the caller disposes its outputs. */
export function run<K extends string>(
  backend: WebGPUBackend,
  program: Program<K>,
): Record<K, TensorInfo> {
  const { device } = backend;
  const inputs = Object.entries(program.inputs).flatMap(([name, input]): NamedInput[] =>
    input ? [[name, input]] : [],
  );
  const outputs = Object.entries<Output>(program.outputs);
  const made = outputs.map(([, [shape]]) => backend.makeTensorInfo(shape, "float32"));
  const results = Object.fromEntries(outputs.map(([name], i) => [name, made[i]]));
  const widths = [...outputs, ...inputs].map(([name, [, width]]) => name + width);
  // Programs of the same key share a pipeline.
  const key = `${program.name} ${program.variant ?? ""} ${widths}`;
  const source = () => sourceOf(program, inputs);
  if (env().getBool("WEBGPU_ENGINE_COMPILE_ONLY")) {
    compileAhead(device, key, source);
    return results as Record<K, TensorInfo>;
  }
  const pipeline = pipelineOf(device, key, source);
  const bound = [
    ...[...made, ...inputs.map(([, [tensor]]) => tensor)].map((t) => bindingOf(backend, t)),
    { buffer: uniformsOf(device, Object.values(program.uniforms)) },
  ];
  const pass = passOf(backend);
  pass.setPipeline(pipeline.compute);
  pass.setBindGroup(0, bindGroupOf(device, pipeline, bound));
  const workgroups = workgroupsOf(program);
  pass.dispatchWorkgroups(...workgroups);
  countDispatch(backend);
  reportDispatch(device, () => ({
    kernel: program.name,
    inputs: inputs.map(([, [tensor]]) => tensor),
    outputs: made,
    workgroups: workgroups[0] * workgroups[1],
    workgroupSize: program.workgroupSize ?? WORKGROUP_SIZE,
    ...program.work?.(),
  }));
  return results as Record<K, TensorInfo>;
}

type NamedInput = [name: string, input: Input];

function workgroupsOf(program: Program): [number, number] {
  const { numInvocations, workgroupSize = WORKGROUP_SIZE } = program;
  const count = Math.ceil(numInvocations / workgroupSize);
  const numRows = Math.ceil(count / MAX_WORKGROUPS);
  return [Math.ceil(count / numRows), numRows];
}

/** Binds outputs, inputs and uniforms, in this order. */
function sourceOf(program: Program, inputs: readonly NamedInput[]): Source {
  const { outputs, uniforms, workgroupSize, enables, code } = program;
  const written = Object.entries(outputs).map(
    ([name, [, width]]) => `var<storage, read_write> ${name}: array<${vectorType(width)}>;`,
  );
  const read = inputs.map(
    ([name, [, width, type]]) => `var<storage, read> ${name}: array<${vectorType(width, type)}>;`,
  );
  const fields = Object.keys(uniforms).map((name) => `${name}: i32,`);
  const variables = [...written, ...read, "var<uniform> uniforms: Uniforms;"];
  const size = workgroupSize ?? WORKGROUP_SIZE;
  return {
    enables,
    numInputs: read.length,
    numOutputs: written.length,
    code: `
struct Uniforms { ${fields.join(" ")} }
${variables.map((variable, binding) => `@group(0) @binding(${binding}) ${variable}`).join("\n")}
${code()}
@compute @workgroup_size(${size})
fn start(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let group = i32(id.x + id.y * count.x);
  main(${workgroupSize ? "group, i32(local)" : `group * ${size} + i32(local)`});
}`,
  };
}

/** Disposes intermediate tensors of a kernel. */
export function disposeAll(backend: WebGPUBackend, tensors: readonly TensorInfo[]): void {
  for (const { dataId } of tensors) backend.disposeData(dataId);
}

/** The width that a row of this many floats can be read by. */
export function widthOf(numChannels: number): Width {
  return numChannels % 4 === 0 ? 4 : 1;
}

/** WGSL's type of so many numbers. */
export function vectorType(width: Width, type: Input[2] = "f32"): string {
  return width === 4 ? `vec4<${type}>` : type;
}

/** Lines of WGSL, one for each index. */
export function unrolled(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}
