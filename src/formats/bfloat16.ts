/** The values of bfloat16s, which are the upper halves of float32s; exact. */
export function fromBfloat16(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const float32Bits = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) float32Bits[i] = (bits[i] as number) << 16;
  return new Float32Array(float32Bits.buffer);
}
