/**
 * Which cache lines neighboring invocations of a kernel load from. Our programs are compiled in a form that
 * writes down the indices they load from, and one workgroup of each runs: addresses show on any adapter.
 * Wraps the device's methods for good, so it is for a page of its own.
 */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import type { OperationName } from "../../src/engine/bench/figures.ts";
import { measuredOperation } from "../../src/engine/bench/operations.ts";
import { presetConfig } from "../../src/engine/config/presets.ts";
import { run } from "../../src/engine/ops/webgpu/program.ts";
import { CARD, forceTuning } from "../../src/engine/ops/webgpu/tuning.ts";
import { startedBackend } from "./startedBackend.ts";

const LINE_BYTES = 128;
/** Invocations that a card runs in step. */
const LANES = 32;
const VEC4_BYTES = 16;
/** Of an invocation; what is in loops repeats. */
const MAX_LOADS = 512;
/** Storage buffers that every device grants a program. One that has as many, which joins gradients, is not traced. */
const MAX_BUFFERS = 8;
/** Invocations of a workgroup, at most. */
const MAX_INVOCATIONS = 256;
/** Of the workgroup that runs; not the first, which has an edge of an image. */
const GROUP = 1;

/** Of vec4 of 32 invocations each, of which some may not take part. */
export interface TracedLoads {
  loads: number;
  /** That these touch, together. */
  lines: number;
}

/** As many as give the second workgroup of every kernel something to do. */
const NUM_IMAGES = 16;

/** The vec4 loads of every kernel of these operations, with Assignment's shapes, by its name. */
export async function traceLoads(
  operations: readonly OperationName[],
): Promise<Record<string, TracedLoads>> {
  const backend = await startedBackend();
  forceTuning(backend.device, CARD);
  const dispatches = traceDispatches(backend.device);
  runKnown(backend);
  for (const name of operations) {
    const config = { ...presetConfig("assignment"), batchSize: NUM_IMAGES };
    const operation = measuredOperation(name, config);
    operation.sides.fused().dispose();
    operation.dispose();
  }
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  const traced: Record<string, TracedLoads> = {};
  for (const { kernel, trace } of dispatches) {
    const { loads, lines } = countLines(await read(backend.device, trace));
    const before = traced[kernel] ?? { loads: 0, lines: 0 };
    traced[kernel] = { loads: before.loads + loads, lines: before.lines + lines };
  }
  return traced;
}

/** Two programs whose lines are known: a vec4 for each of 32 invocations is on 4 lines, or on 32. */
function runKnown(backend: WebGPUBackend): void {
  const x = tf.zeros([GROUP + 1, 8 * 4 * 64]);
  for (const [name, index] of [
    ["sideBySide", "index"],
    ["farApart", "8 * index"],
  ] as const) {
    const { result } = run(backend, {
      name,
      inputs: { x: [x, 4] },
      outputs: { result: [[GROUP + 1, 4 * 64], 4] },
      uniforms: { unused: 0 },
      numInvocations: (GROUP + 1) * 64,
      code: () => `fn main(index: i32) { result[index] = x[${index}]; }`,
    });
    backend.disposeData(result.dataId);
  }
  x.dispose();
}

interface TracedDispatch {
  kernel: string;
  trace: GPUBuffer;
}

/** Every run of our programs from now on. */
function traceDispatches(device: GPUDevice): TracedDispatch[] {
  const dispatches: TracedDispatch[] = [];
  const layouts = new Map<GPUBindGroupLayout, number>();
  const traces = new WeakMap<GPUBindGroup, GPUBuffer>();
  const kernels = new WeakMap<GPUComputePipeline, string>();

  const createModule = device.createShaderModule.bind(device);
  device.createShaderModule = ({ code, ...rest }) =>
    createModule({ ...rest, code: isTraceable(code) ? withTrace(code) : code });
  // TensorFlow.js has its layouts made of its programs.
  const createLayout = device.createBindGroupLayout.bind(device);
  device.createBindGroupLayout = ({ entries }) => {
    const all = [...entries];
    if (all.filter(({ buffer }) => buffer?.type !== "uniform").length >= MAX_BUFFERS)
      return createLayout({ entries: all });
    const { visibility } = all[0] as GPUBindGroupLayoutEntry;
    all.push({ binding: all.length, visibility, buffer: { type: "storage" } });
    const layout = createLayout({ entries: all });
    layouts.set(layout, all.length - 1);
    return layout;
  };
  const createGroup = device.createBindGroup.bind(device);
  device.createBindGroup = ({ layout, entries }) => {
    const binding = layouts.get(layout);
    if (binding === undefined) return createGroup({ layout, entries });
    const trace = device.createBuffer({
      size: 8 * MAX_LOADS * MAX_INVOCATIONS,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
    });
    const group = createGroup({
      layout,
      entries: [...entries, { binding, resource: { buffer: trace } }],
    });
    traces.set(group, trace);
    return group;
  };
  const createPipeline = device.createComputePipeline.bind(device);
  device.createComputePipeline = (descriptor) => {
    const pipeline = createPipeline(descriptor);
    kernels.set(pipeline, descriptor.label?.split(" ")[0] ?? "");
    return pipeline;
  };

  const pass = GPUComputePassEncoder.prototype;
  const { setPipeline, dispatchWorkgroups } = pass;
  const setBindGroup = pass.setBindGroup as (index: number, group: GPUBindGroup) => undefined;
  let kernel = "";
  let trace: GPUBuffer | undefined;
  pass.setPipeline = function (pipeline) {
    kernel = kernels.get(pipeline) ?? "";
    setPipeline.call(this, pipeline);
  };
  pass.setBindGroup = function (this: GPUComputePassEncoder, index: number, group: GPUBindGroup) {
    trace = traces.get(group);
    setBindGroup.call(this, index, group);
  };
  pass.dispatchWorkgroups = function (x, y, z) {
    if (!trace) return dispatchWorkgroups.call(this, x, y, z);
    dispatches.push({ kernel, trace });
    return dispatchWorkgroups.call(this, 1);
  };
  return dispatches;
}

/** Ours, with room for one more buffer. */
function isTraceable(code: string): boolean {
  const numBuffers = (code.match(/var<storage/g) ?? []).length;
  return code.includes("fn start(") && numBuffers < MAX_BUFFERS;
}

/** The program with one more storage buffer, which notes of each vec4 load its place in the code and the index. */
function withTrace(code: string): string {
  const inputs = [...code.matchAll(/var<storage, read> (\w+): array<vec4</g)];
  const traceBinding = (code.match(/@binding\(/g) ?? []).length;
  let site = 0;
  let traced = code;
  for (const [, name] of inputs) {
    const load = new RegExp(`\\b${name}\\[`, "g");
    for (let match = load.exec(traced); match; match = load.exec(traced)) {
      const start = match.index + match[0].length;
      const end = closingBracket(traced, start);
      const call = `tracedIndex(${site++}u, ${traced.slice(start, end)})`;
      traced = traced.slice(0, start) + call + traced.slice(end);
      // What is loaded for an index is traced as well.
      load.lastIndex = start;
    }
  }
  return `
@group(0) @binding(${traceBinding}) var<storage, read_write> tracedLoads: array<vec2<u32>>;
var<private> tracedInvocation: u32;
var<private> numTraced: u32;
fn tracedIndex(place: u32, index: i32) -> i32 {
  if (numTraced < ${MAX_LOADS}u) {
    tracedLoads[tracedInvocation * ${MAX_LOADS}u + numTraced] = vec2<u32>(place + 1u, u32(index));
    numTraced++;
  }
  return index;
}
${traced.replace(
  "let group = i32(id.x + id.y * count.x);",
  `let group = ${GROUP}; tracedInvocation = local;`,
)}`;
}

function closingBracket(code: string, start: number): number {
  let depth = 1;
  for (let at = start; ; at++) {
    if (code[at] === "[") depth++;
    else if (code[at] === "]" && --depth === 0) return at;
    else if (at >= code.length) throw new Error("A bracket is not closed.");
  }
}

async function read(device: GPUDevice, trace: GPUBuffer): Promise<Uint32Array> {
  const { size } = trace;
  const staging = device.createBuffer({
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(trace, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const words = new Uint32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  trace.destroy();
  return words;
}

/** Invocations are in step where each is at the same load of the code for the same number of times. */
function countLines(trace: Uint32Array): TracedLoads {
  const linesOf = new Map<string, Set<number>>();
  for (let invocation = 0; invocation < MAX_INVOCATIONS; invocation++) {
    const numTimes = new Map<number, number>();
    for (let load = 0; load < MAX_LOADS; load++) {
      const at = 2 * (invocation * MAX_LOADS + load);
      const [place, index] = [trace[at] as number, trace[at + 1] as number];
      if (place === 0) break;
      const time = numTimes.get(place) ?? 0;
      numTimes.set(place, time + 1);
      const key = `${Math.floor(invocation / LANES)} ${place} ${time}`;
      const lines = linesOf.get(key) ?? new Set<number>();
      linesOf.set(key, lines);
      lines.add(Math.floor((index * VEC4_BYTES) / LINE_BYTES));
    }
  }
  const all = [...linesOf.values()];
  return { loads: all.length, lines: all.reduce((sum, { size }) => sum + size, 0) };
}
