/**
 * A WebGPU device that computes nothing: all that is read from it is zeros. It keeps account of its
 * buffers, and refuses what a real device reports as an error: commands on a buffer that was destroyed.
 * Given an emulator, it computes what a device would (`startOnEmulatedGpu`).
 */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import type { BufferPool } from "../../src/engine/ops/webgpu/bufferPool.ts";
import { type Binding, type Dispatch, Emulator, UNWRITTEN } from "../wgsl/emulator.ts";

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
  /** It runs programs, on buffers that have contents; without it, nothing is computed. */
  run: ((dispatch: Dispatch) => void) | null;
  /** It is told of every submit, and lets a reading wait until those before it are done; without it, none takes time. */
  timing: { submit: () => void; done: () => Promise<void> } | null;
}

class FakeBuffer {
  readonly size: number;
  readonly usage: number;
  mapState: GPUBufferMapState;
  isDestroyed = false;
  #contents: ArrayBuffer | null = null;
  readonly #account: DeviceAccount;

  constructor({ size, usage, mappedAtCreation }: GPUBufferDescriptor, account: DeviceAccount) {
    this.size = size;
    this.usage = usage;
    this.mapState = mappedAtCreation ? "mapped" : "unmapped";
    if (mappedAtCreation) this.#contents = new ArrayBuffer(size);
    this.#account = account;
    if (!(usage & BUFFER_USAGE.MAP_WRITE)) account.numCreated++;
    account.bytes += size;
    account.peakBytes = Math.max(account.peakBytes, account.bytes);
  }

  /** What is in it; a device would have set it to zeros, or left what was there before. */
  get contents(): ArrayBuffer {
    if (!this.#contents) {
      this.#contents = new ArrayBuffer(this.size);
      this.forget();
    }
    return this.#contents;
  }

  /** Nothing has been written to it any more. */
  forget(): void {
    if (this.#contents && this.usage & BUFFER_USAGE.STORAGE) {
      new Int32Array(this.#contents).fill(UNWRITTEN);
    }
  }

  async mapAsync(): Promise<void> {
    await this.#account.timing?.done();
    this.mapState = "mapped";
  }

  getMappedRange(): ArrayBuffer {
    if (this.mapState !== "mapped") throw new Error("The buffer is not mapped.");
    if (this.#account.run) return this.contents;
    return this.#contents ?? new ArrayBuffer(this.size);
  }

  unmap(): void {
    this.mapState = "unmapped";
  }

  destroy(): void {
    if (!this.isDestroyed) this.#account.bytes -= this.size;
    this.isDestroyed = true;
  }
}

/** Buffers that recorded commands use, and what the commands do. */
class Commands extends Set<FakeBuffer> {
  isFinished = false;
  readonly acts: (() => void)[] = [];

  override add(buffer: FakeBuffer): this {
    if (this.isFinished) throw new Error("A command was recorded by an encoder that is finished.");
    return super.add(buffer);
  }
}

class FakePass {
  readonly #commands: Commands;
  readonly #account: DeviceAccount;
  #program: Program = { label: "", code: "" };
  #bound: readonly Bound[] = [];

  constructor(commands: Commands, account: DeviceAccount) {
    this.#commands = commands;
    this.#account = account;
  }

  setPipeline({ program }: { program: Program }): void {
    this.#program = program;
  }

  setBindGroup(_: number, bound: readonly Bound[]): void {
    this.#bound = bound;
  }

  dispatchWorkgroups(x: number, y = 1, z = 1): void {
    const [bound, program] = [this.#bound, this.#program];
    for (const { buffer } of bound) this.#commands.add(buffer);
    const { run } = this.#account;
    if (!run) return;
    this.#commands.acts.push(() => {
      const bindings = bound.map(({ buffer, offset = 0, size }): Binding => {
        return { data: buffer.contents, offset, size: size ?? buffer.size - offset };
      });
      run({ ...program, bindings, numGroups: [x, y, z] });
    });
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
    if (!this.#account.run) return;
    this.#commands.acts.push(() => {
      const bytes = new Uint8Array(from.contents, fromOffset, size);
      new Uint8Array(to.contents, toOffset, size).set(bytes);
    });
  }

  /** Nothing has been written to a buffer from here on. */
  forget(buffer: FakeBuffer): void {
    this.#commands.acts.push(() => buffer.forget());
  }

  finish(): Commands {
    this.#commands.isFinished = true;
    return this.#commands;
  }
}

class FakeQueue {
  readonly #account: DeviceAccount;

  constructor(account: DeviceAccount) {
    this.#account = account;
  }

  submit(all: readonly Commands[]): void {
    this.#run(all);
    this.#account.timing?.submit();
  }

  #run(all: readonly Commands[]): void {
    for (const buffer of all.flatMap((commands) => [...commands])) {
      if (buffer.isDestroyed) throw new Error("A buffer was destroyed before its commands ran.");
      if (buffer.mapState !== "unmapped") throw new Error("A buffer is mapped while commands run.");
    }
    for (const act of all.flatMap(({ acts }) => acts)) act();
  }

  writeBuffer(buffer: FakeBuffer, offset: number, values: ArrayBuffer): void {
    this.#run([new Commands([buffer])]);
    if (this.#account.run) new Uint8Array(buffer.contents, offset).set(new Uint8Array(values));
  }

  async onSubmittedWorkDone(): Promise<void> {}
}

interface Program {
  label: string;
  code: string;
}

interface Bound {
  buffer: FakeBuffer;
  offset?: number;
  size?: number;
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
  readonly queue: FakeQueue;
  readonly #account: DeviceAccount;

  constructor(account: DeviceAccount) {
    this.#account = account;
    this.queue = new FakeQueue(account);
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

  createBindGroup({ entries }: { entries: { resource: Bound }[] }): Bound[] {
    return entries.map(({ resource }) => resource);
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
  const account: DeviceAccount = {
    bytes: 0,
    peakBytes: 0,
    numCreated: 0,
    run: null,
    timing: null,
  };
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

/**
 * The backend as the app starts it, on that device, with its pool of buffers.
 *
 * @param submitShare see `cutSubmits`
 */
export async function startOnFakeGpu(submitShare?: number) {
  const account = provideFakeGpu();
  const { startBackend } = await import("../../src/hosts/worker/backend.ts");
  const onFault = ({ message }: { message: string }) => {
    throw new Error(message);
  };
  const { backend: name, reason } = await startBackend("webgpu", onFault, null, submitShare);
  if (name !== "webgpu") throw new Error(`The backend did not start: ${reason}`);
  const backend = tf.backend() as WebGPUBackend;
  return { account, backend, pool: backend.bufferManager as unknown as BufferPool };
}

/**
 * The backend as the app starts it, on a device that computes: the emulator runs its programs. Each buffer that a tensor is
 * given counts as not written, whatever another tensor has left in it.
 */
export async function startOnEmulatedGpu(seed: number) {
  const { account, backend } = await startOnFakeGpu();
  const emulator = new Emulator(seed);
  // As few as every device has.
  Object.assign(backend.device.limits, {
    maxComputeWorkgroupStorageSize: 16_384,
    maxComputeWorkgroupSizeX: 256,
    maxComputeInvocationsPerWorkgroup: 256,
  });
  account.run = (dispatch) => emulator.run(dispatch);
  const { bufferManager } = backend;
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (size, usage, ...rest) => {
    const buffer = acquire(size, usage, ...rest);
    if (buffer.mapState === "unmapped") {
      backend.endComputePassEncoder();
      backend.ensureCommandEncoderReady();
      const { commandEncoder } = backend as unknown as { commandEncoder: FakeEncoder };
      commandEncoder.forget(buffer as unknown as FakeBuffer);
    }
    return buffer;
  };
  return { account, backend, emulator };
}
