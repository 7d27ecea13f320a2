/** Pipelines and uniforms, created once for each device. */
import type { Extension } from "./device.ts";

export interface Source {
  /** WGSL with the entry point `start`. */
  code: string;
  /** What the code uses of WGSL's extensions. */
  enables?: readonly Extension[] | undefined;
  numInputs: number;
  numOutputs: number;
}

export interface Pipeline {
  compute: GPUComputePipeline;
  layout: GPUBindGroupLayout;
  /** By the buffers they bind, with offset and size, which repeat from step to step. */
  bindGroups: Map<string, GPUBindGroup>;
}

/** Several times what steps of one shape need of a pipeline: beyond it most are of buffers that are gone. */
const MAX_BIND_GROUPS = 256;

const bufferIds = new WeakMap<GPUBuffer, number>();
let numBufferIds = 0;

/** A number of its own, in the order in which they are first asked for. */
export function idOf(buffer: GPUBuffer): number {
  const known = bufferIds.get(buffer);
  if (known !== undefined) return known;
  bufferIds.set(buffer, ++numBufferIds);
  return numBufferIds;
}

/** The bind group of these buffers, in the order of their bindings. */
export function bindGroupOf(
  device: GPUDevice,
  { layout, bindGroups }: Pipeline,
  bound: readonly GPUBufferBinding[],
): GPUBindGroup {
  let key = "";
  for (const { buffer, offset, size } of bound) key += `${idOf(buffer)} ${offset} ${size} `;
  const known = bindGroups.get(key);
  if (known) return known;
  if (bindGroups.size === MAX_BIND_GROUPS) bindGroups.clear();
  const entries = bound.map((resource, binding) => ({ binding, resource }));
  const bindGroup = device.createBindGroup({ layout, entries });
  bindGroups.set(key, bindGroup);
  return bindGroup;
}

interface WithUniforms {
  uniforms: GPUBuffer;
}

class DeviceCache {
  readonly pipelines = new Map<string, Pipeline>();
  /** Still being compiled. */
  readonly pending = new Map<string, Promise<void>>();
  /** By their values, which follow from shapes and so repeat in every step. */
  readonly uniforms = new Map<string, GPUBuffer>();
  readonly tables = new Map<string, GPUBuffer>();
  /** By the tuning that they follow from. */
  recipes = new WeakMap<object, Map<string, WithUniforms>>();
}

const caches = new WeakMap<GPUDevice, DeviceCache>();

function cacheOf(device: GPUDevice): DeviceCache {
  const cache = caches.get(device) ?? new DeviceCache();
  caches.set(device, cache);
  return cache;
}

/** The pipeline of a program. If it is not compiled yet, that is done now, and the device waits. */
export function pipelineOf(device: GPUDevice, key: string, source: () => Source): Pipeline {
  const { pipelines } = cacheOf(device);
  const known = pipelines.get(key);
  if (known) return known;
  const { descriptor, layout } = descriptorOf(device, key, source());
  const compute = device.createComputePipeline(descriptor);
  const pipeline = { compute, layout, bindGroups: new Map() };
  pipelines.set(key, pipeline);
  return pipeline;
}

/** Begins to compile a pipeline in parallel with others. */
export function compileAhead(device: GPUDevice, key: string, source: () => Source): void {
  const { pipelines, pending } = cacheOf(device);
  if (pipelines.has(key) || pending.has(key)) return;
  const { descriptor, layout } = descriptorOf(device, key, source());
  const compiled = device
    .createComputePipelineAsync(descriptor)
    .then((compute) => {
      pipelines.set(key, { compute, layout, bindGroups: new Map() });
    })
    // Also what the compiler refuses: else whoever waits for other programs would fail with it.
    .finally(() => pending.delete(key));
  pending.set(key, compiled);
}

/** The compilations that `compileAhead` has begun and that are not done. */
export function pendingPipelines(device: GPUDevice): Promise<void>[] {
  return [...cacheOf(device).pending.values()];
}

function descriptorOf(device: GPUDevice, label: string, source: Source) {
  const { enables = [], numInputs, numOutputs } = source;
  // Before everything else.
  const code = [...enables.map((extension) => `enable ${extension};`), source.code].join("\n");
  const types: GPUBufferBindingType[] = [
    ...Array<GPUBufferBindingType>(numOutputs).fill("storage"),
    ...Array<GPUBufferBindingType>(numInputs).fill("read-only-storage"),
    "uniform",
  ];
  const visibility = GPUShaderStage.COMPUTE;
  const entries = types.map((type, binding) => ({ binding, visibility, buffer: { type } }));
  // Explicit, since a layout derived from the code would lack bindings that it does not read.
  const layout = device.createBindGroupLayout({ entries });
  const descriptor: GPUComputePipelineDescriptor = {
    label,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ label, code }), entryPoint: "start" },
  };
  return { descriptor, layout };
}

/** Of programs that are composed once, see `runKept`: kept until their uniforms are destroyed. */
export function recipesOf<T extends WithUniforms>(
  device: GPUDevice,
  tuning: object,
): Map<string, T> {
  const { recipes } = cacheOf(device);
  const known = recipes.get(tuning) ?? new Map<string, WithUniforms>();
  recipes.set(tuning, known);
  return known as Map<string, T>;
}

/** Destroys the buffers of uniforms, with the bind groups and recipes that have them; commands that use them have been submitted. */
export function releaseUniforms(device: GPUDevice): void {
  const cache = cacheOf(device);
  const { uniforms, tables, pipelines } = cache;
  cache.recipes = new WeakMap();
  for (const { bindGroups } of pipelines.values()) bindGroups.clear();
  for (const kept of [uniforms, tables]) {
    for (const buffer of kept.values()) buffer.destroy();
    kept.clear();
  }
}

/** A buffer with these integers. */
export function uniformsOf(device: GPUDevice, values: readonly number[]): GPUBuffer {
  return keptIn(cacheOf(device).uniforms, { device, values, usage: GPUBufferUsage.UNIFORM });
}

/** Tables that are kept: a step has four. */
const MAX_TABLES = 64;

/** A buffer with these integers to be read as an array. They follow from shapes, and most repeat in every step. */
export function tableOf(device: GPUDevice, values: ArrayLike<number>): GPUBuffer {
  const { tables } = cacheOf(device);
  // Commands may still need it, so it is left to be collected.
  if (tables.size > MAX_TABLES) tables.delete(tables.keys().next().value as string);
  return keptIn(tables, { device, values, usage: GPUBufferUsage.STORAGE });
}

function keptIn(
  buffers: Map<string, GPUBuffer>,
  { device, values, usage }: { device: GPUDevice; values: ArrayLike<number>; usage: number },
): GPUBuffer {
  const key = Array.prototype.join.call(values);
  const known = buffers.get(key);
  if (known) return known;
  const size = 16 * Math.ceil(values.length / 4);
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  new Int32Array(buffer.getMappedRange()).set(values);
  buffer.unmap();
  buffers.set(key, buffer);
  return buffer;
}
