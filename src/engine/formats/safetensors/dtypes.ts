import { FormatError, quoted } from "../formatError.ts";
import { fromBfloat16, fromFloat16 } from "./float16.ts";

interface DtypeEntry {
  /** Size of a value. */
  bytes: number;
  /** Whether weights may be of this type. */
  isFloat: boolean;
  /** The values as numbers. Typed arrays are little-endian on every platform with a browser. */
  read: (buffer: ArrayBuffer, tensorName: string) => ArrayBufferView;
}

/** The types of values that can be read, by their names in safetensors. F16 and BF16 are converted exactly. */
export const DTYPES = {
  F32: { bytes: 4, isFloat: true, read: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  F16: {
    bytes: 2,
    isFloat: true,
    read: (buffer: ArrayBuffer) => fromFloat16(new Uint16Array(buffer)),
  },
  BF16: {
    bytes: 2,
    isFloat: true,
    read: (buffer: ArrayBuffer) => fromBfloat16(new Uint16Array(buffer)),
  },
  // As weights it would be rounded, and may overflow.
  F64: { bytes: 8, isFloat: false, read: (buffer: ArrayBuffer) => new Float64Array(buffer) },
  I32: { bytes: 4, isFloat: false, read: (buffer: ArrayBuffer) => new Int32Array(buffer) },
  I64: { bytes: 8, isFloat: false, read: safeIntegers },
  U8: { bytes: 1, isFloat: false, read: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
  BOOL: { bytes: 1, isFloat: false, read: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
} satisfies Record<string, DtypeEntry>;

export type Dtype = keyof typeof DTYPES;

export function isDtype(dtype: unknown): dtype is Dtype {
  return typeof dtype === "string" && Object.hasOwn(DTYPES, dtype);
}

/** @throws FormatError for an integer that no number equals */
function safeIntegers(buffer: ArrayBuffer, tensorName: string): Float64Array<ArrayBuffer> {
  return Float64Array.from(new BigInt64Array(buffer), (value) => {
    if (Number.isSafeInteger(Number(value))) return Number(value);
    throw new FormatError(
      `Tensor ${quoted(tensorName)}: expected integers between -(2^53 - 1) and 2^53 - 1, got ${value}.`,
    );
  });
}
