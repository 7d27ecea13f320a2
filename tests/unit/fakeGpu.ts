/**
 * A WebGPU device that computes nothing: all that is read from it is zeros. It keeps account of its
 * buffers, and refuses what a real device reports as an error: commands on a buffer that was destroyed.
 */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import type { BufferPool } from "../../src/engine/ops/webgpu/bufferPool.ts";

const BUFFER_USAGE = {
  MAP_READ: 1,
  MAP_WRITE: 2,
  COPY_SRC: 4,
  COPY_DST: 8,
  INDEX: 16,
  VERTEX: 32,
  UNIFORM: 64,
  STORAGE: 128,
  INDIRECT: 256,
  QUERY_RESOLVE: 512,
};

interface DeviceAccount {
  /** Bytes of all buffers that are not destroyed. */
  bytes: number;
  /** Most of them at one time since it was last set. */
  peakBytes: number;
  /** Buffers made since it was last set, but for those that only carry values to others. */
  numCreated: number;
  /** It is called whenever a program is run. */
  onDispatch: ((dispatch: FakeDispatch) => void) | null;
}

export interface FakeDispatch {
  label: string;
  /** The code is WGSL. */
  code: string;
  /** For each binding it has what the buffer was filled with as it was made, or null. */
  contents: (ArrayBuffer | null)[];
  numGroups: number;
}

class FakeBuffer {
  readonly size: number;
  readonly usage: number;
  mapState: GPUBufferMapState;
  isDestroyed = false;
  /** It is what the buffer was filled with as it was made, or null. */
  contents: ArrayBuffer | null = null;
  readonly #account: DeviceAccount;

  constructor({ size, usage, mappedAtCreation }: GPUBufferDescriptor, account: DeviceAccount) {
    this.size = size;
    this.usage = usage;
    this.mapState = mappedAtCreation ? "mapped" : "unmapped";
    if (mappedAtCreation) this.contents = new ArrayBuffer(size);
    this.#account = account;
    if (!(usage & BUFFER_USAGE.MAP_WRITE)) account.numCreated++;
    account.bytes += size;
    account.peakBytes = Math.max(account.peakBytes, account.bytes);
  }

  async mapAsync(): Promise<void> {
    this.mapState = "mapped";
  }

  getMappedRange(offset = 0, size = this.size - offset): ArrayBuffer {
    if (this.mapState !== "mapped") throw new Error("The buffer is not mapped.");
    return size === this.contents?.byteLength ? this.contents : new ArrayBuffer(size);
  }

  unmap(): void {
    this.mapState = "unmapped";
  }

  destroy(): void {
    if (!this.isDestroyed) this.#account.bytes -= this.size;
    this.isDestroyed = true;
  }
}

/** Buffers that recorded commands use. */
class Commands extends Set<FakeBuffer> {
  isFinished = false;

  override add(buffer: FakeBuffer): this {
    if (this.isFinished) throw new Error("A command was recorded by an encoder that is finished.");
    return super.add(buffer);
  }
}

class FakePass {
  readonly #commands: Commands;
  readonly #account: DeviceAccount;
  #program: Program = { label: "", code: "" };
  #bound: readonly FakeBuffer[] = [];

  constructor(commands: Commands, account: DeviceAccount) {
    this.#commands = commands;
    this.#account = account;
  }

  setPipeline({ program }: { program: Program }): void {
    this.#program = program;
  }

  setBindGroup(_: number, bound: readonly FakeBuffer[]): void {
    this.#bound = bound;
  }

  dispatchWorkgroups(x: number, y = 1, z = 1): void {
    for (const buffer of this.#bound) this.#commands.add(buffer);
    const contents = this.#bound.map((buffer) => buffer.contents);
    this.#account.onDispatch?.({ ...this.#program, contents, numGroups: x * y * z });
  }

  dispatchWorkgroupsIndirect(): void {}

  end(): void {}
}

class FakeEncoder {
  readonly #commands = new Commands();
  readonly #account: DeviceAccount;

  constructor(account: DeviceAccount) {
    this.#account = account;
  }

  beginComputePass(): FakePass {
    return new FakePass(this.#commands, this.#account);
  }

  copyBufferToBuffer(
    ...[from, fromOffset, to, toOffset, size]: [FakeBuffer, number, FakeBuffer, number, number]
  ): void {
    if (fromOffset + size > from.size || toOffset + size > to.size) {
      throw new Error(`A copy of ${size} bytes does not fit the buffers.`);
    }
    this.#commands.add(from).add(to);
  }

  finish(): Commands {
    this.#commands.isFinished = true;
    return this.#commands;
  }
}

class FakeQueue {
  submit(all: readonly ReadonlySet<FakeBuffer>[]): void {
    for (const buffer of all.flatMap((commands) => [...commands])) {
      if (buffer.isDestroyed) throw new Error("A buffer was destroyed before its commands ran.");
      if (buffer.mapState !== "unmapped") throw new Error("A buffer is mapped while commands run.");
    }
  }

  writeBuffer(buffer: FakeBuffer): void {
    this.submit([new Set([buffer])]);
  }

  async onSubmittedWorkDone(): Promise<void> {}
}

interface Program {
  label: string;
  code: string;
}

/** What a graphics card with Chrome's usual limits gives TensorFlow.js. */
class FakeDevice {
  readonly lost = new Promise(() => {});
  readonly features = new Set<string>();
  readonly adapterInfo = { vendor: "fake", architecture: "", device: "", description: "" };
  readonly limits = {
    maxStorageBufferBindingSize: 2 ** 31 - 4,
    maxBufferSize: 2 ** 31 - 4,
    maxComputeWorkgroupStorageSize: 32_768,
    maxComputeWorkgroupsPerDimension: 65_535,
    maxComputeWorkgroupSizeX: 1024,
    maxComputeInvocationsPerWorkgroup: 1024,
  };
  readonly queue = new FakeQueue();
  readonly #account: DeviceAccount;

  constructor(account: DeviceAccount) {
    this.#account = account;
  }

  addEventListener(): void {}

  pushErrorScope(): void {}

  async popErrorScope(): Promise<null> {
    return null;
  }

  createBuffer(descriptor: GPUBufferDescriptor): FakeBuffer {
    return new FakeBuffer(descriptor, this.#account);
  }

  createCommandEncoder(): FakeEncoder {
    return new FakeEncoder(this.#account);
  }

  createBindGroup({ entries }: { entries: { resource: { buffer: FakeBuffer } }[] }): FakeBuffer[] {
    return entries.map(({ resource }) => resource.buffer);
  }

  createShaderModule(descriptor: GPUShaderModuleDescriptor): object {
    return descriptor;
  }

  createBindGroupLayout(): object {
    return {};
  }

  createPipelineLayout(): object {
    return {};
  }

  createComputePipeline({ label = "", compute }: GPUComputePipelineDescriptor): object {
    const { code } = compute.module as unknown as GPUShaderModuleDescriptor;
    return { program: { label, code }, getBindGroupLayout: () => ({}) };
  }

  async createComputePipelineAsync(descriptor: GPUComputePipelineDescriptor): Promise<object> {
    return this.createComputePipeline(descriptor);
  }
}

/**
 * Gives this process a `navigator.gpu`, whose only device keeps the account. TensorFlow.js' backend
 * is to be imported afterwards.
 */
export function provideFakeGpu(): DeviceAccount {
  const account: DeviceAccount = { bytes: 0, peakBytes: 0, numCreated: 0, onDispatch: null };
  const device = new FakeDevice(account);
  const { features, limits, adapterInfo: info } = device;
  const adapter = { features, limits, info, requestDevice: async () => device };
  const globals = {
    GPUDevice: FakeDevice,
    GPUQueue: FakeQueue,
    GPUBuffer: FakeBuffer,
    GPUComputePassEncoder: FakePass,
    GPUTexture: class {},
    GPUBufferUsage: BUFFER_USAGE,
    GPUMapMode: { READ: 1, WRITE: 2 },
    GPUShaderStage: { VERTEX: 1, FRAGMENT: 2, COMPUTE: 4 },
    navigator: { gpu: { requestAdapter: async () => adapter } },
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return account;
}

/** The backend as the app starts it, on that device, with its pool of buffers. */
export async function startOnFakeGpu() {
  const account = provideFakeGpu();
  const { startBackend } = await import("../../src/hosts/worker/backend.ts");
  const { backend: name, reason } = await startBackend("webgpu", ({ message }) => {
    throw new Error(message);
  });
  if (name !== "webgpu") throw new Error(`The backend did not start: ${reason}`);
  const backend = tf.backend() as WebGPUBackend;
  return { account, backend, pool: backend.bufferManager as unknown as BufferPool };
}
