/** The tensors of a file by name. */
export type Reading = Record<string, { dtype: string; shape: number[]; values: number[] }>;

/** How to read a value of each type. */
const READERS: Record<string, { bytes: number; get: (view: DataView, at: number) => number }> = {
  F32: { bytes: 4, get: (view, at) => view.getFloat32(at, true) },
  F64: { bytes: 8, get: (view, at) => view.getFloat64(at, true) },
  I32: { bytes: 4, get: (view, at) => view.getInt32(at, true) },
  I64: { bytes: 8, get: (view, at) => Number(view.getBigInt64(at, true)) },
  BOOL: { bytes: 1, get: (view, at) => view.getUint8(at) },
  BF16: {
    bytes: 2,
    get: (view, at) => {
      const wide = new DataView(new ArrayBuffer(4));
      wide.setUint16(0, view.getUint16(at, true));
      return wide.getFloat32(0);
    },
  },
  F16: {
    bytes: 2,
    get: (view, at) => {
      const bits = view.getUint16(at, true).toString(2).padStart(16, "0");
      const exponent = Number.parseInt(bits.slice(1, 6), 2);
      const fraction = Number.parseInt(bits.slice(6), 2);
      const sign = bits[0] === "1" ? -1 : 1;
      if (exponent === 31) return fraction === 0 ? sign / 0 : Number.NaN;
      const significand = exponent === 0 ? fraction : 1024 + fraction;
      return (sign * significand * 2 ** Math.max(exponent, 1)) / 2 ** 25;
    },
  },
};

/** Reads a file that is taken for right, without any of the code under test. */
export function independentReading(file: Uint8Array): { metadata: object; tensors: Reading } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = 8 + view.getUint32(0, true);
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(
    Buffer.from(file.subarray(8, start)).toString("utf8"),
  );
  const tensors: Reading = Object.create(null);
  for (const name of Object.keys(entries)) {
    const { dtype, shape, data_offsets } = entries[name];
    const { bytes, get } = READERS[dtype] as (typeof READERS)[string];
    const values: number[] = [];
    for (let at = data_offsets[0]; at < data_offsets[1]; at += bytes)
      values.push(get(view, start + at));
    tensors[name] = { dtype, shape, values };
  }
  return { metadata, tensors };
}
