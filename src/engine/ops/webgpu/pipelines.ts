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
  bindGroups: Recurring<BindGroup>;
}

/** With the buffers that it binds, which repeat from step to step. */
interface BindGroup {
  bound: readonly GPUBufferBinding[];
  bindGroup: GPUBindGroup;
}

/** Several times what steps of one shape need of a pipeline: beyond it most are of buffers that are gone. */
const MAX_BIND_GROUPS = 256;

/**
 * What comes again in the same order, step after step: looked for from behind the one found last, so that mostly the first
 * is the one. A map would need a key, and strings made of shapes and buffers took a tenth of a step's JavaScript.
 */
export class Recurring<T> {
  readonly #items: T[] = [];
  #next = 0;

  get size(): number {
    return this.#items.length;
  }

  find(isIt: (item: T) => boolean): T | undefined {
    const count = this.#items.length;
    for (let i = 0; i < count; i++) {
      const at = (this.#next + i) % count;
      const item = this.#items[at] as T;
      if (!isIt(item)) continue;
      this.#next = at + 1;
      return item;
    }
    return undefined;
  }

  add(item: T): void {
    this.#next = this.#items.push(item);
  }

  /** @returns what there was */
  clear(): T[] {
    this.#next = 0;
    return this.#items.splice(0);
  }
}

/** The bind group of these buffers, in the order of their bindings. */
export function bindGroupOf(
  device: GPUDevice,
  { layout, bindGroups }: Pipeline,
  bound: readonly GPUBufferBinding[],
): GPUBindGroup {
  const known = bindGroups.find((other) => bindSame(other.bound, bound));
  if (known) return known.bindGroup;
  if (bindGroups.size === MAX_BIND_GROUPS) bindGroups.clear();
  const entries = bound.map((resource, binding) => ({ binding, resource }));
  const bindGroup = device.createBindGroup({ layout, entries });
  bindGroups.add({ bound, bindGroup });
  return bindGroup;
}

export function areSame(some: ArrayLike<unknown>, others: ArrayLike<unknown>): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}

function bindSame(some: readonly GPUBufferBinding[], others: readonly GPUBufferBinding[]): boolean {
  for (let i = 0; i < some.length; i++) {
    const [a, b] = [some[i] as GPUBufferBinding, others[i] as GPUBufferBinding];
    if (a.buffer !== b.buffer || a.offset !== b.offset || a.size !== b.size) return false;
  }
  return true;
}

interface WithUniforms {
  uniforms: GPUBuffer;
}

/** A buffer with the integers that it was filled with. */
interface Filled {
  values: ArrayLike<number>;
  buffer: GPUBuffer;
}

class DeviceCache {
  readonly pipelines = new Map<string, Pipeline>();
  /** Still being compiled. */
  readonly pending = new Map<string, Promise<void>>();
  /** Their values follow from shapes and so repeat in every step. */
  readonly uniforms = new Recurring<Filled>();
  readonly tables = new Recurring<Filled>();
  /** By the tuning that they follow from. */
  recipes = new WeakMap<object, Map<string, Recurring<WithUniforms>>>();
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
  const pipeline: Pipeline = { compute, layout, bindGroups: new Recurring() };
  pipelines.set(key, pipeline);
  return pipeline;
}

/** Begins to compile a pipeline in parallel with others. */
export function compileAhead(device: GPUDevice, key: string, source: () => Source): void {
  const { pipelines, pending } = cacheOf(device);
  if (pipelines.has(key) || pending.has(key)) return;
  // What is wrong with the code is told by the refusal; the device would report it as an error of its own, too.
  device.pushErrorScope("validation");
  const { descriptor, layout } = descriptorOf(device, key, source());
  const codeError = device.popErrorScope();
  const compiled = device
    .createComputePipelineAsync(descriptor)
    .then(
      (compute) => {
        pipelines.set(key, { compute, layout, bindGroups: new Recurring() });
      },
      async (error: Error) => {
        throw (await codeError) ?? error;
      },
    )
    // Also what the compiler refuses: else whoever waits for other programs would fail with it.
    .finally(() => pending.delete(key));
  pending.set(key, compiled);
}

/** The compilations that `compileAhead` has begun and that are not done, by the programs' keys. */
export function pendingPipelines(device: GPUDevice): [key: string, compiled: Promise<void>][] {
  return [...cacheOf(device).pending];
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

/** The recipes of programs of this name that are composed once, see `runKept`; kept until their uniforms are destroyed. */
export function recipesOf<T extends WithUniforms>(
  device: GPUDevice,
  tuning: object,
  name: string,
): Recurring<T> {
  const { recipes } = cacheOf(device);
  const byName = recipes.get(tuning) ?? new Map<string, Recurring<WithUniforms>>();
  const known = byName.get(name);
  if (known) return known as Recurring<T>;
  const made = new Recurring<T>();
  recipes.set(tuning, byName.set(name, made));
  return made;
}

/** Destroys the buffers of uniforms, with the bind groups and recipes that have them; commands that use them have been submitted. */
export function releaseUniforms(device: GPUDevice): void {
  const cache = cacheOf(device);
  const { uniforms, tables, pipelines } = cache;
  cache.recipes = new WeakMap();
  for (const { bindGroups } of pipelines.values()) bindGroups.clear();
  for (const { buffer } of [...uniforms.clear(), ...tables.clear()]) buffer.destroy();
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
  // Commands may still need them, so they are left to be collected.
  if (tables.size > MAX_TABLES) tables.clear();
  return keptIn(tables, { device, values, usage: GPUBufferUsage.STORAGE });
}

function keptIn(
  buffers: Recurring<Filled>,
  { device, values, usage }: { device: GPUDevice; values: ArrayLike<number>; usage: number },
): GPUBuffer {
  const known = buffers.find((other) => areSame(other.values, values));
  if (known) return known.buffer;
  const size = 16 * Math.ceil(values.length / 4);
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  new Int32Array(buffer.getMappedRange()).set(values);
  buffer.unmap();
  buffers.add({ values, buffer });
  return buffer;
}
