/** A safetensors file by the format's description, right or wrong; `data` follows the header at once. */
export function safetensorsFile(
  header: object | string,
  data: ArrayLike<number> = [],
  headerLength?: number | bigint,
): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}
