/** A named array as it stands in a file; `dtype` is safetensors' own name for it. */
export interface StoredTensor {
  dtype: "F32" | "I32";
  shape: number[];
  values: Float32Array | Int32Array;
}

export interface SafetensorsFile {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Reads the safetensors format: a header length of 8 bytes, a JSON header, then the values, all
 * little-endian (https://github.com/huggingface/safetensors, "Format").
 *
 * @throws Error naming the tensor when its type is neither F32 nor I32
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
  const { __metadata__: metadata = {}, ...entries } = header as {
    __metadata__?: Record<string, string>;
  } & Record<string, HeaderEntry>;

  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets } = entry as HeaderEntry;
    const [start, end] = data_offsets.map((offset) => 8 + headerLength + offset);
    // A copy, since the values need not be aligned in the file.
    const { buffer } = new Uint8Array(bytes.subarray(start, end));
    if (dtype === "F32") tensors.set(name, { dtype, shape, values: new Float32Array(buffer) });
    else if (dtype === "I32") tensors.set(name, { dtype, shape, values: new Int32Array(buffer) });
    else throw new Error(`Tensor ${name}: expected values of type F32 or I32, got ${dtype}.`);
  }
  return { tensors, metadata };
}
