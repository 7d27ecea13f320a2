import type { WebGPUBackend, WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";

const WORKGROUP_SIZE = 64;

export interface Program {
  /** With `variant`, all that the code depends on: programs of the same key share a pipeline. */
  name: string;
  variant: string;
  inputs: { name: string; tensor: TensorInfo; width: Width }[];
  /** Values of the code's `uniforms`, by name; integers. */
  uniforms: Record<string, number>;
  outputShape: number[];
  outputWidth: Width;
  /** Written to in place of a new tensor. */
  output?: TensorInfo;
  /** Invocations of `main(index)`; a few more run, so that the code must check its index. */
  numInvocations: number;
  /** WGSL with `fn main(index: i32)`, which writes to `result`. */
  code: string;
}

/** Floats that a buffer is read or written by. */
export type Width = 1 | 4;

/** The width that a row of this many floats can be read by. */
export function widthOf(numChannels: number): Width {
  return numChannels % 4 === 0 ? 4 : 1;
}

/** WGSL's type of so many floats. */
export function vectorType(width: Width): string {
  return width === 4 ? "vec4<f32>" : "f32";
}

/** Lines of WGSL, one for each index. */
export function unrolled(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}

export function run(backend: WebGPUBackend, program: Program): TensorInfo {
  const { inputs, uniforms, outputShape } = program;
  const ours: WebGPUProgram = {
    shaderKey: `${program.name} ${program.variant}`,
    outputShape,
    outputComponent: program.outputWidth,
    variableNames: inputs.map(({ name }) => name),
    variableComponents: inputs.map(({ width }) => width),
    uniforms: Object.keys(uniforms)
      .map((name) => `${name}: i32,`)
      .join(" "),
    workgroupSize: [WORKGROUP_SIZE, 1, 1],
    dispatch: [Math.ceil(program.numInvocations / WORKGROUP_SIZE), 1, 1],
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    getUserCode: () => program.code,
  };
  return backend.runWebGPUProgram(
    ours,
    inputs.map(({ tensor }) => tensor),
    "float32",
    Object.values(uniforms).map((value) => ({ type: "int32", data: [value] })),
    program.output,
  );
}
