import { FormatError, formatExactBytes, formatShape, quoted } from "../formatError.ts";
import { DTYPES, type Dtype } from "./dtypes.ts";
import { MAX_FLOAT16, overflowsFloat16, toFloat16 } from "./float16.ts";
import {
  findDataStart,
  LENGTH_BYTES,
  METADATA_KEY,
  parseHeader,
  type SafetensorsHeader,
} from "./safetensorsHeader.ts";

/** A tensor to be written; `dtype` is the type in the file, by its name in safetensors. */
export type WritableTensor =
  | { dtype: "F32" | "F16"; shape: readonly number[]; values: Float32Array }
  | { dtype: "F64"; shape: readonly number[]; values: Float64Array }
  | { dtype: "I32"; shape: readonly number[]; values: Int32Array }
  | { dtype: "U8"; shape: readonly number[]; values: Uint8Array };

/** A tensor that was read, with its values as numbers. */
export type StoredTensor = {
  [D in Dtype]: { dtype: D; shape: number[]; values: ReturnType<(typeof DTYPES)[D]["read"]> };
}[Dtype];

export interface SafetensorsFile {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
}

/**
 * Reads the safetensors format: a header length of 8 bytes, a JSON header, then the values, all
 * little-endian (https://github.com/huggingface/safetensors#format). The tensors share no memory
 * with `bytes`.
 *
 * @throws FormatError, and nothing else, for whatever is wrong with the file
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  return withinMemory(bytes.length, () => {
    const dataStart = findDataStart(bytes, bytes.length);
    const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), bytes.length);
    return decodeData(header, bytes.subarray(dataStart));
  });
}

/**
 * The tensors that a header describes; they share no memory with `data`, the bytes after it.
 *
 * @throws FormatError for an integer that no number equals, RangeError when memory is short
 */
export function decodeData(
  { entries, metadata }: SafetensorsHeader,
  data: Uint8Array,
): SafetensorsFile {
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    // Copied, since the values may not be aligned in the file.
    const { buffer } = new Uint8Array(data.subarray(begin, end));
    const values = DTYPES[dtype].read(buffer, name);
    tensors.set(name, { dtype, shape, values } as StoredTensor);
  }
  return { tensors, metadata };
}

/** Runs a step of reading a file, and turns a lack of memory into a FormatError. */
export function withinMemory<T>(totalBytes: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) throw error;
    // After all checks only memory can still fail.
    throw new FormatError(
      `There is not enough memory to read the file of ${formatExactBytes(totalBytes)}. Close other tabs or take a smaller file.`,
      { cause: error },
    );
  }
}

/**
 * Writes the safetensors format: the header padded to a multiple of 8 bytes, then the values, those
 * of larger types first, so that each is aligned.
 *
 * @throws FormatError when a value is finite and too large for F16
 * @throws Error when a shape and its values do not agree, or a name is not a tensor's
 */
export function encodeSafetensors(file: {
  tensors: ReadonlyMap<string, WritableTensor>;
  metadata?: Readonly<Record<string, string>>;
}): Uint8Array<ArrayBuffer> {
  const tensors = [...file.tensors].sort(
    ([, a], [, b]) => DTYPES[b.dtype].bytes - DTYPES[a.dtype].bytes,
  );
  let dataBytes = 0;
  const entries = tensors.map(([name, tensor]) => {
    checkWritable(name, tensor);
    const { dtype, shape, values } = tensor;
    const begin = dataBytes;
    dataBytes += values.length * DTYPES[dtype].bytes;
    return [name, { dtype, shape, data_offsets: [begin, dataBytes] }] as const;
  });
  // JSON leaves out what is undefined.
  const header = Object.fromEntries([[METADATA_KEY, file.metadata], ...entries]);
  const unpadded = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(unpadded.length / 8) * 8;

  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  bytes.set(unpadded, LENGTH_BYTES);
  entries.forEach(([, { data_offsets }], i) => {
    const [, tensor] = tensors[i] as (typeof tensors)[number];
    bytes.set(bytesOf(tensor), LENGTH_BYTES + headerBytes + (data_offsets[0] as number));
  });
  return bytes;
}

function checkWritable(name: string, { dtype, shape, values }: WritableTensor): void {
  if (name === METADATA_KEY) throw new Error(`${METADATA_KEY} cannot be the name of a tensor.`);
  if (shape.reduce((product, size) => product * size, 1) !== values.length) {
    throw new Error(
      `Tensor ${quoted(name)}: ${values.length.toLocaleString("en")} values do not have the shape ${formatShape(shape)}.`,
    );
  }
  const tooLarge = dtype === "F16" ? values.find(overflowsFloat16) : undefined;
  if (tooLarge !== undefined) {
    throw new FormatError(
      `Tensor ${quoted(name)}: expected values up to ±${MAX_FLOAT16}, the largest of float16, got ${tooLarge}. Save it as float32.`,
    );
  }
}

function bytesOf({ dtype, values }: WritableTensor): Uint8Array {
  const stored = dtype === "F16" ? toFloat16(values) : values;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}
