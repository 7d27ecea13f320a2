import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { env, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { KernelName, Kernels } from "../kernel.ts";
import { isMixed } from "../precision.ts";
import { bindingOf, countDispatch, passOf } from "./commands.ts";
import type { Extension } from "./device.ts";
import { HALF_TYPES, isHalf, makeHalfTensor, withHalves } from "./halves.ts";
import {
  areSame,
  bindGroupOf,
  compileAhead,
  type Pipeline,
  pipelineOf,
  recipesOf,
  type Source,
  uniformsOf,
} from "./pipelines.ts";
import { type Kind, makeBeside } from "./sharedBuffers.ts";
import { tuningOf } from "./tuning.ts";
import { reportDispatch, type Work } from "./work.ts";

/** Invocations of a workgroup that share nothing: one or two of what a card runs in step. */
const WORKGROUP_SIZE = 64;

/** Workgroups along one axis, at least: WebGPU's default limit. */
const MAX_WORKGROUPS = 65_535;

/** What a kernel on WebGPU is given. */
export type KernelCall<K extends KernelName> = Kernels[K] & { backend: WebGPUBackend };

/** Floats that a buffer is read or written by. */
export type Width = 1 | 4;

/** A tensor that a program reads, of f32 when not said; or a table of `tableOf`. */
export type Input =
  | readonly [tensor: TensorInfo, width: Width, type?: "f32" | "i32" | "u32"]
  | readonly [table: GPUBuffer, width: 1, type: "i32"];

/**
 * A tensor that a program writes. It makes one: an activation of the network may be stored in halves, and some
 * gradients lie side by side, so that they are read in few pieces. Or it writes so many numbers of a given one.
 */
export type Output = readonly [
  shape: number[],
  width: Width,
  kind?: "activation" | Kind | TensorInfo | undefined,
];

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
   * workgroup and the place in it. Places of a subgroup, where it enables these, lie side by side, from a multiple of its
   * size on. Asked for once a pipeline.
   */
  code: () => string;
}

/** Inputs that are all read by vec4. */
export function vectors(tensors: Record<string, TensorInfo>): Record<string, Input> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]): [string, Input] => [name, [tensor, 4]]),
  );
}

/** The same numbers as 32-bit floats; the caller disposes it. */
export function expand(backend: WebGPUBackend, half: TensorInfo): TensorInfo {
  const size = util.sizeFromShape(half.shape) / 4;
  return run(backend, {
    name: "expand",
    inputs: { x: [half, 4] },
    outputs: { result: [half.shape, 4] },
    uniforms: { size },
    numInvocations: size,
    code: () => `
fn main(index: i32) {
  if (index < uniforms.size) { result[index] = x[index]; }
}`,
  }).result;
}

/** Runs a program; the caller disposes its outputs. */
export function run<K extends string>(
  backend: WebGPUBackend,
  program: Program<K>,
): Record<K, TensorInfo> {
  const outputs = Object.entries<Output>(program.outputs);
  const made = outputs.map(([, output]) => tensorOf(backend, output));
  const recipe = recipeOf(backend, program, made);
  const read = Object.values(program.inputs).flatMap((input) => (input ? [input[0]] : []));
  if (recipe) record(backend, recipe, { read, made });
  return Object.fromEntries(outputs.map(([name], i) => [name, made[i]])) as Record<K, TensorInfo>;
}

/** What a program that is composed once follows from. */
interface Given {
  /** Of the program, or of several of which these inputs and values choose one. */
  name: string;
  /** By their names in the program, which need not read all of them. */
  inputs: Record<string, TensorInfo | undefined>;
  /** What it follows from besides the inputs' shapes, the tuning and the precision. */
  values?: readonly unknown[];
}

/**
 * Runs a program that is composed only once for the same shapes and values, as most of a step's are: composing them took
 * more of its JavaScript than all else. The caller disposes the outputs, which come in the program's order.
 */
export function runKept(
  backend: WebGPUBackend,
  { name, inputs, values = [] }: Given,
  compose: () => Program,
): TensorInfo[] {
  if (isCompiling()) return Object.values(run(backend, compose()));
  const recipes = recipesOf<KeptRecipe>(backend.device, tuningOf(backend.device), name);
  const known = recipes.find((recipe) => isFor(recipe, inputs, values));
  const program = known ? null : compose();
  const outputs = known?.outputs ?? Object.values<Output>(program?.outputs ?? {});
  const made = outputs.map((output) => tensorOf(backend, output));
  const recipe = known ?? {
    ...(recipeOf(backend, program as Program, made) as Recipe),
    ...{ isMixed: isMixed(), values, given: givenTensors(inputs) },
  };
  if (!known) recipes.add(recipe);
  record(backend, recipe, {
    read: recipe.inputs.map((input) => inputs[input] as TensorInfo),
    made,
  });
  return made;
}

/** With what it follows from besides the tuning. */
interface KeptRecipe extends Recipe {
  isMixed: boolean;
  values: readonly unknown[];
  given: { name: string; shape: readonly number[]; isHalf: boolean }[];
}

function givenTensors(inputs: Given["inputs"]): KeptRecipe["given"] {
  return Object.entries(inputs).flatMap(([name, tensor]) =>
    tensor ? [{ name, shape: tensor.shape, isHalf: isHalf(tensor) }] : [],
  );
}

function isFor(recipe: KeptRecipe, inputs: Given["inputs"], values: readonly unknown[]): boolean {
  if (recipe.isMixed !== isMixed() || !areSame(recipe.values, values)) return false;
  let count = 0;
  for (const name in inputs) {
    const tensor = inputs[name];
    if (!tensor) continue;
    const given = recipe.given[count++];
    if (given?.name !== name || given.isHalf !== isHalf(tensor)) return false;
    if (!areSame(given.shape, tensor.shape)) return false;
  }
  return count === recipe.given.length;
}

/** Whether programs are compiled ahead, and none is run. */
function isCompiling(): boolean {
  return env().getBool("WEBGPU_ENGINE_COMPILE_ONLY");
}

/** All that is needed to run a program on tensors of these shapes. */
interface Recipe extends Pick<Program, "name" | "workgroupSize" | "work"> {
  /** Names of those that it reads. */
  inputs: string[];
  outputs: Output[];
  pipeline: Pipeline;
  uniforms: GPUBuffer;
  workgroups: [number, number];
}

/** Null while programs are only compiled. */
function recipeOf(backend: WebGPUBackend, program: Program, made: readonly TensorInfo[]) {
  const { device } = backend;
  const { name, workgroupSize, work } = program;
  const inputs = Object.entries(program.inputs).flatMap(([name, input]): NamedInput[] =>
    input ? [[name, input]] : [],
  );
  const outputs = Object.entries<Output>(program.outputs);
  const written = outputs.map(([name, [, width]], i): Variable => {
    return { name, width, tensor: made[i] as TensorInfo };
  });
  const read = inputs.map(([name, [tensor, width, type]]): Variable => {
    return { name, width, type, tensor };
  });
  const widths = [...written, ...read].map(
    ({ name, width, tensor }) => `${name}${width}${isOfHalves(tensor) ? "h" : ""}`,
  );
  // Programs of the same key share a pipeline.
  const key = `${name} ${program.variant ?? ""} ${widths}`;
  const source = () => sourceOf(program, { read, written });
  if (isCompiling()) {
    compileAhead(device, key, source);
    return null;
  }
  const recipe: Recipe = {
    ...{ name, workgroupSize, work },
    inputs: inputs.map(([name]) => name),
    outputs: outputs.map(([, output]) => output),
    pipeline: pipelineOf(device, key, source),
    uniforms: uniformsOf(device, Object.values(program.uniforms)),
    workgroups: workgroupsOf(program),
  };
  return recipe;
}

interface Bound {
  read: readonly Input[0][];
  made: readonly TensorInfo[];
}

function record(backend: WebGPUBackend, recipe: Recipe, { read, made }: Bound): void {
  const { device } = backend;
  const { pipeline, uniforms, workgroups } = recipe;
  const bound: GPUBufferBinding[] = made.map((tensor) => bindingOf(backend, tensor));
  for (const tensor of read) {
    bound.push(isTable(tensor) ? { buffer: tensor } : bindingOf(backend, tensor));
  }
  bound.push({ buffer: uniforms });
  const pass = passOf(backend);
  pass.setPipeline(pipeline.compute);
  pass.setBindGroup(0, bindGroupOf(device, pipeline, bound));
  pass.dispatchWorkgroups(...workgroups);
  countDispatch(backend);
  reportDispatch(device, () => ({
    kernel: recipe.name,
    inputs: read.flatMap((tensor) => (isTable(tensor) ? [] : [tensor])),
    outputs: recipe.outputs.map(([shape], i) => ({ ...(made[i] as TensorInfo), shape })),
    workgroups: workgroups[0] * workgroups[1],
    workgroupSize: recipe.workgroupSize ?? WORKGROUP_SIZE,
    ...recipe.work?.(),
  }));
}

function tensorOf(backend: WebGPUBackend, [shape, width, kind]: Output): TensorInfo {
  if (typeof kind === "object") return kind;
  if (kind === "activation" && width === 4 && isMixed()) return makeHalfTensor(backend, shape);
  if (kind && kind !== "activation") return makeBeside(backend, kind, shape);
  return backend.makeTensorInfo(shape, "float32");
}

type NamedInput = [name: string, input: Input];

/** Of the code: a buffer that it reads or writes. */
interface Variable {
  name: string;
  width: Width;
  type?: Input[2];
  tensor: Input[0];
}

function isOfHalves(tensor: Input[0]): boolean {
  return !isTable(tensor) && isHalf(tensor);
}

function isTable(tensor: Input[0]): tensor is GPUBuffer {
  return !("dataId" in tensor);
}

interface Variables {
  read: readonly Variable[];
  written: readonly Variable[];
}

function workgroupsOf(program: Program): [number, number] {
  const { numInvocations, workgroupSize = WORKGROUP_SIZE } = program;
  const count = Math.ceil(numInvocations / workgroupSize);
  const numRows = Math.ceil(count / MAX_WORKGROUPS);
  return [Math.ceil(count / numRows), numRows];
}

/**
 * WGSL does not say which invocations by `local_invocation_index` make a subgroup, so subgroups take their places as
 * they come. What is computed depends on the places alone. In a program without barriers SwiftShader sets the counter
 * to zero for every subgroup anew.
 */
const PLACE_IN_SUBGROUPS = `
  let subgroupSize = subgroupAdd(1u);
  var first = 0u;
  if (subgroupElect()) { first = atomicAdd(&numPlaces, subgroupSize); }
  let local = subgroupBroadcastFirst(first) + lane;
  workgroupBarrier();`;

/** Binds outputs, inputs and uniforms, in this order. */
function sourceOf(program: Program, { read, written }: Variables): Source {
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
