/**
 * The part of TensorFlow.js that drawing digits calls, over one WebAssembly memory. The embedded module is built
 * with this file in place of `@tensorflow/tfjs-core`: names, parameters and results are those that they have
 * there, but for what throws here. All tensors are of float32. A function that drawing has not called before has to be added:
 * until then `npm run build` fails, and shows the call.
 */

import { OutOfMemoryError } from "../../engine/ops/outOfMemory.ts";

type Shape = readonly number[];
type Values = Float32Array<ArrayBuffer>;

const WASM_PAGE_BYTES = 2 ** 16;

/** Memory in blocks that are used again: those of each size are kept in a list of their own. */
class Heap {
  readonly memory = new WebAssembly.Memory({ initial: 1 });
  readonly #sizes = new Map<number, number>();
  readonly #free = new Map<number, number[]>();
  /** Where no block was yet; address 0 means that there is none. */
  #end = 64;

  /** @returns the address of a block, or 0 when memory is full */
  allocate(numBytes: number): number {
    // Four sizes between two powers of two, so that digits in another number find room in the same blocks.
    const step = Math.max(64, 2 ** (Math.floor(Math.log2(numBytes)) - 2));
    const size = Math.ceil(numBytes / step) * step;
    const address = this.#free.get(size)?.pop() ?? this.#newBlock(size);
    if (address !== 0) this.#sizes.set(address, size);
    return address;
  }

  free(address: number): void {
    const size = this.#sizes.get(address) as number;
    const others = this.#free.get(size);
    if (others) others.push(address);
    else this.#free.set(size, [address]);
  }

  #newBlock(size: number): number {
    const missing = this.#end + size - this.memory.buffer.byteLength;
    try {
      if (missing > 0) this.memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
    } catch {
      return 0;
    }
    const address = this.#end;
    this.#end += size;
    return address;
  }
}

let heap: Heap | null = null;

/** Only when it is needed, so that a browser without WebAssembly can load the module, and be told. */
function theHeap(): Heap {
  heap ??= new Heap();
  return heap;
}

/** A block, and how many tensors share it. */
interface Data {
  address: number;
  numTensors: number;
}

let nextId = 0;

export class Tensor {
  readonly id = nextId++;
  readonly dataId: Data;
  readonly shape: Shape;
  readonly size: number;

  constructor(dataId: Data, shape: Shape) {
    this.dataId = dataId;
    this.shape = shape;
    this.size = sizeOf(shape);
    dataId.numTensors++;
    scopes.at(-1)?.add(this);
  }

  /** Valid until memory grows, which any new tensor may make it do. */
  get values(): Values {
    return new Float32Array(theHeap().memory.buffer, this.dataId.address, this.size);
  }

  async data(): Promise<Values> {
    return this.values.slice();
  }

  dispose(): void {
    if (--this.dataId.numTensors === 0) theHeap().free(this.dataId.address);
  }
}

/** Tensors that were made in each `tidy` that is under way. */
const scopes: Set<Tensor>[] = [];

export function tidy<T>(compute: () => T): T {
  const made = new Set<Tensor>();
  scopes.push(made);
  try {
    const result = compute();
    const outer = scopes.at(-2);
    for (const tensor of tensorsIn(result)) if (made.delete(tensor)) outer?.add(tensor);
    return result;
  } finally {
    scopes.pop();
    dispose([...made]);
  }
}

export function dispose(tensors: readonly Tensor[]): void {
  for (const tensor of tensors) tensor.dispose();
}

function tensorsIn(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  return typeof result === "object" && result !== null
    ? Object.values(result).flatMap(tensorsIn)
    : [];
}

function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

export const util = { sizeFromShape: sizeOf };

/** With undefined values. */
function newTensor(shape: Shape): Tensor {
  const numBytes = 4 * sizeOf(shape);
  const address = theHeap().allocate(numBytes);
  if (address !== 0) return new Tensor({ address, numTensors: 0 }, shape);
  throw new OutOfMemoryError(
    `WebAssembly has no room for ${numBytes} more bytes. Draw fewer digits at once.`,
  );
}

export function tensor2d(values: ArrayLike<number>, shape: Shape): Tensor {
  const tensor = newTensor(shape);
  tensor.values.set(values);
  return tensor;
}

export { tensor2d as tensor4d };

export function tensor1d(values: ArrayLike<number>): Tensor {
  return tensor2d(values, [values.length]);
}

export function zerosLike({ shape, size }: Tensor): Tensor {
  return tensor2d(new Float32Array(size), shape);
}

export function reshape(x: Tensor, shape: Shape): Tensor {
  return new Tensor(x.dataId, shape);
}

export function clone(x: Tensor): Tensor {
  return reshape(x, x.shape);
}

/**
 * Takes tensors or numbers of which one has the shape of the result, the other the same one or 1 from some axis on.
 *
 * @throws for others, which TensorFlow.js would broadcast
 */
function elementwise(compute: (x: number, y: number) => number) {
  return (a: Tensor | number, b: Tensor | number): Tensor => {
    const asTensor = (of: Tensor | number) => (typeof of === "number" ? tensor1d([of]) : of);
    const [x, y] = [asTensor(a), asTensor(b)];
    const { shape } = x.size < y.size ? y : x;
    const result = newTensor(shape);
    for (const { shape: own, size } of [x, y]) {
      const numEqual = own.findIndex((length, axis) => length !== shape[axis]);
      const isFine = size === result.size || own.slice(numEqual).every((length) => length === 1);
      if (!isFine) throw new Error(`[${own}] cannot be broadcast to [${shape}] here.`);
    }
    const [xs, ys, results] = [x.values, y.values, result.values];
    const [perX, perY] = [result.size / x.size, result.size / y.size];
    for (let i = 0; i < results.length; i++) {
      const [left, right] = [xs[Math.floor(i / perX)], ys[Math.floor(i / perY)]];
      results[i] = compute(left as number, right as number);
    }
    return result;
  };
}

export const add = elementwise((x, y) => x + y);
export const sub = elementwise((x, y) => x - y);
export const mul = elementwise((x, y) => x * y);
export const div = elementwise((x, y) => x / y);

export function clipByValue(x: Tensor, min: number, max: number): Tensor {
  return tensor2d(
    x.values.map((value) => Math.min(max, Math.max(min, value))),
    x.shape,
  );
}

/** Of each row of a matrix, `[B]`. */
export function sum(x: Tensor, _axis: 1): Tensor {
  const [numRows = 0, length = 0] = x.shape;
  return tensor1d(
    Float32Array.from({ length: numRows }, (_, row) =>
      x.values
        .subarray(row * length, (row + 1) * length)
        .reduce((total, value) => total + value, 0),
    ),
  );
}

export function sqrt(x: Tensor): Tensor {
  return tensor2d(x.values.map(Math.sqrt), x.shape);
}

/** Of all values, a scalar. */
export function mean(x: Tensor): Tensor {
  return tensor2d([x.values.reduce((sum, value) => sum + value, 0) / x.size], []);
}

/** Along the first axis. */
export function concat(parts: readonly Tensor[]): Tensor {
  const [first] = parts as [Tensor];
  const length = parts.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  const result = newTensor([length, ...first.shape.slice(1)]);
  let offset = 0;
  for (const part of parts) {
    result.values.set(part.values, offset);
    offset += part.size;
  }
  return result;
}

/** Along the first axis, in equal parts. */
export function split(x: Tensor, numParts: number): Tensor[] {
  const [length = 0, ...rest] = x.shape;
  const size = x.size / numParts;
  return Array.from({ length: numParts }, (_, i) =>
    tensor2d(x.values.slice(i * size, (i + 1) * size), [length / numParts, ...rest]),
  );
}

/** The matrix product of a `[M, K]` and b `[K, N]`. */
export function matMul(a: Tensor, b: Tensor): Tensor {
  const [numRows = 0, numTerms = 0] = a.shape;
  const [, numColumns = 0] = b.shape;
  const product = tensor2d(new Float32Array(numRows * numColumns), [numRows, numColumns]);
  const [as, bs, products] = [a.values, b.values, product.values];
  for (let row = 0; row < numRows; row++) {
    for (let term = 0; term < numTerms; term++) {
      const factor = as[row * numTerms + term] as number;
      for (let column = 0; column < numColumns; column++) {
        const before = products[row * numColumns + column] as number;
        products[row * numColumns + column] =
          before + factor * (bs[term * numColumns + column] as number);
      }
    }
  }
  return product;
}

/** @param order of the axes; the last keeps its place */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  const strides = x.shape.map((_, axis) => sizeOf(x.shape.slice(axis + 1)));
  const shape = order.map((axis) => x.shape[axis] as number);
  const rowLength = shape.at(-1) as number;
  const result = newTensor(shape);
  const [from, to] = [x.values, result.values];
  let next = 0;
  const copy = (place: number, offset: number) => {
    if (place === order.length - 1) {
      for (let i = 0; i < rowLength; i++) to[next++] = from[offset + i] as number;
      return;
    }
    const stride = strides[order[place] as number] as number;
    for (let i = 0; i < (shape[place] as number); i++) copy(place + 1, offset + i * stride);
  };
  copy(0, 0);
  return result;
}

export const image = {
  /** Enlarges `[B, H, W, C]` to a whole number of times the size. */
  resizeNearestNeighbor(x: Tensor, [height, width]: [number, number]): Tensor {
    const [numImages = 0, fromHeight = 0, fromWidth = 0, numChannels = 0] = x.shape;
    const result = newTensor([numImages, height, width, numChannels]);
    const [from, to] = [x.values, result.values];
    let next = 0;
    for (let image = 0; image < numImages; image++) {
      for (let y = 0; y < height; y++) {
        const row = image * fromHeight + Math.floor((y * fromHeight) / height);
        for (let x = 0; x < width; x++) {
          const pixel = row * fromWidth + Math.floor((x * fromWidth) / width);
          for (let c = 0; c < numChannels; c++) {
            to[next++] = from[pixel * numChannels + c] as number;
          }
        }
      }
    }
    return result;
  },
};

/** What a kernel returns, to make a tensor of. */
type TensorInfo = Pick<Tensor, "dataId" | "shape">;

interface Kernel {
  kernelName: string;
  kernelFunc(given: { inputs: object; attrs: object; backend: object }): TensorInfo | TensorInfo[];
}

const kernels = new Map<string, Kernel>();

export function registerKernel(kernel: Kernel): void {
  kernels.set(kernel.kernelName, kernel);
}

export function getKernel(name: string): Kernel | undefined {
  return kernels.get(name);
}

export function getBackend(): string {
  return "wasm";
}

/** What `engine/ops/wasm` uses of the WebAssembly backend. */
export function backend() {
  const heap = theHeap();
  return {
    getMemoryOffset: ({ address }: Data) => address,
    makeOutput: (shape: Shape): TensorInfo => ({
      dataId: { address: heap.allocate(4 * sizeOf(shape)), numTensors: 0 },
      shape,
    }),
    wasm: {
      _malloc: (numBytes: number) => heap.allocate(numBytes),
      _free: (address: number) => heap.free(address),
      asm: { memory: heap.memory },
    },
  };
}

export function engine() {
  return {
    // No scope of its own: what tidies within another does so by `tidy`.
    state: { activeScope: undefined },
    makeTensorFromTensorInfo: ({ dataId, shape }: TensorInfo) => new Tensor(dataId, shape),
  };
}

export function env() {
  // Where there is no SIMD, the kernels do not compile, which says more than that there are none.
  return { getAsync: async () => true };
}
