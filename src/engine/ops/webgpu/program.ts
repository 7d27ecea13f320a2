/**
 * How a kernel runs on WebGPU.
 *
 * A kernel describes a program: the tensors that it reads and makes, its uniforms, how many invocations there are, and the
 * body of its WGSL. `programSource.ts` writes the declarations around the body, which name each tensor and say whether it
 * is read a number or four at a time. `pipelines.ts` compiles the source once for a device and keeps pipelines, uniforms
 * and bind groups, since those of one training step are those of the next. The buffers come from a pool (`bufferPool.ts`)
 * for the same reason. What results is a dispatch in the backend's command stream (`commands.ts`), which TensorFlow.js'
 * own programs share, and which is cut into submits by the work that they hold (`submits.ts`).
 */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { env, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { KernelName, Kernels } from "../kernel.ts";
import { isMixed } from "../precision.ts";
import { bindingOf, passOf } from "./commands.ts";
import { isHalf, makeHalfTensor } from "./halves.ts";
import {
  areSame,
  bindGroupOf,
  compileAhead,
  type Pipeline,
  pipelineOf,
  recipesOf,
  uniformsOf,
} from "./pipelines.ts";
import {
  type Input,
  isOfHalves,
  isTable,
  type ProgramCode,
  sourceOf,
  type Variable,
  type Width,
  WORKGROUP_SIZE,
} from "./programSource.ts";
import { type Kind, makeBeside } from "./sharedBuffers.ts";
import { costOf, countWork } from "./submits.ts";
import { tuningOf } from "./tuning.ts";
import { reportDispatch, type Work } from "./work.ts";

/** Workgroups along one axis, at least: WebGPU's default limit. */
const MAX_WORKGROUPS = 65_535;

/** What a kernel on WebGPU is given. */
export type KernelCall<K extends KernelName> = Kernels[K] & { backend: WebGPUBackend };

/**
 * A tensor that a program writes. It makes one: an activation of the network may be stored in halves, and some
 * gradients lie side by side, so that they are read in few pieces. Or it writes so many numbers of a given one.
 */
export type Output = readonly [
  shape: number[],
  width: Width,
  kind?: "activation" | Kind | TensorInfo | undefined,
];

export interface Program<K extends string = string> extends ProgramCode {
  name: string;
  /** What the code depends on besides which inputs there are, and the widths of inputs and outputs. */
  variant?: string;
  /** By the names that the code reads from; those that are undefined are left out. */
  inputs: Record<string, Input | undefined>;
  /** Tensors that the program makes, by the names that its code writes to. */
  outputs: Record<K, Output>;
  /** How often `main` runs; a few times more, so that it must check its index. */
  numInvocations: number;
  /** Where the shapes of inputs and outputs do not tell it. Asked for once for a recipe, and when the cost of a step is counted. */
  work?: (() => Work) | undefined;
}

/** Inputs that are all read by vec4. */
export function vectors(tensors: Record<string, TensorInfo>): Record<string, Input> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]): [string, Input] => [name, [tensor, 4]]),
  );
}

/** Makes 32-bit floats of a tensor of halves; the caller disposes it. */
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
  /** Name of the program, or of several of which these inputs and values choose one. */
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
    isMixed: isMixed(),
    values,
    given: givenTensors(inputs),
  };
  if (!known) recipes.add(recipe);
  const read = recipe.inputs.map((input) => inputs[input] as TensorInfo);
  record(backend, recipe, { read, made });
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
  /** Known once it has run (`costOf`). */
  cost?: number;
}

/** Null while programs are only compiled. */
function recipeOf(backend: WebGPUBackend, program: Program, made: readonly TensorInfo[]) {
  const { device } = backend;
  const { name, workgroupSize, work } = program;
  const inputs = Object.entries(program.inputs).flatMap(([name, input]) =>
    input ? [[name, input] as const] : [],
  );
  const outputs = Object.entries<Output>(program.outputs);
  const written = outputs.map(([name, [, width]], i): Variable => {
    return { name, width, tensor: made[i] as TensorInfo };
  });
  const read = inputs.map(
    ([name, [tensor, width, type]]): Variable => ({ name, width, type, tensor }),
  );
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
    name,
    workgroupSize,
    work,
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
  recipe.cost ??= costOf(recipe.work?.() ?? {}, totalSize(bound));
  countWork(backend, recipe.cost);
  const pass = passOf(backend);
  pass.setPipeline(pipeline.compute);
  pass.setBindGroup(0, bindGroupOf(device, pipeline, bound));
  pass.dispatchWorkgroups(...workgroups);
  reportDispatch(device, () => ({
    kernel: recipe.name,
    inputs: read.flatMap((tensor) => (isTable(tensor) ? [] : [tensor])),
    outputs: recipe.outputs.map(([shape], i) => ({ ...(made[i] as TensorInfo), shape })),
    workgroups: workgroups[0] * workgroups[1],
    workgroupSize: recipe.workgroupSize ?? WORKGROUP_SIZE,
    ...recipe.work?.(),
  }));
}

/** Bytes of the tensors among them. */
function totalSize(bound: readonly GPUBufferBinding[]): number {
  return bound.reduce((sum, { size = 0 }) => sum + size, 0);
}

function tensorOf(backend: WebGPUBackend, [shape, width, kind]: Output): TensorInfo {
  if (typeof kind === "object") return kind;
  if (kind === "activation" && width === 4 && isMixed()) return makeHalfTensor(backend, shape);
  if (kind && kind !== "activation") return makeBeside(backend, kind, shape);
  return backend.makeTensorInfo(shape, "float32");
}

function workgroupsOf(program: Program): [number, number] {
  const { numInvocations, workgroupSize = WORKGROUP_SIZE } = program;
  const count = Math.ceil(numInvocations / workgroupSize);
  const numRows = Math.ceil(count / MAX_WORKGROUPS);
  return [Math.ceil(count / numRows), numRows];
}

/** Disposes intermediate tensors of a kernel. */
export function disposeAll(backend: WebGPUBackend, tensors: readonly TensorInfo[]): void {
  for (const { dataId } of tensors) backend.disposeData(dataId);
}

/** The width that a row of this many floats can be read by. */
export function widthOf(numChannels: number): Width {
  return numChannels % 4 === 0 ? 4 : 1;
}

/** Lines of WGSL, one for each index. */
export function unrolled(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join("\n");
}
