/** The largest finite float16. */
export const MAX_FLOAT16 = 65504;

/** Half a step above the largest value: from here on rounding to nearest gives infinity. */
const OVERFLOW = 65520;
const SMALLEST_NORMAL = 2 ** -14;
/** The distance between subnormal values. */
const SUBNORMAL_STEP = 2 ** -24;

/** The values of float16s (IEEE 754 binary16) by their 16 bits; exact in float32. */
export function fromFloat16(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = float16Value(bits[i] as number);
  return values;
}

function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * SUBNORMAL_STEP;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Whether a finite value becomes infinite as float16. */
export function overflowsFloat16(value: number): boolean {
  return Math.abs(value) >= OVERFLOW && Number.isFinite(value);
}

/**
 * The bits of the nearest float16 to each float32, ties to even (IEEE 754, 4.3.1). Values that are too
 * large become infinite.
 */
export function toFloat16(values: Float32Array): Uint16Array {
  const float32Bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const sign = ((float32Bits[i] as number) >>> 16) & 0x8000;
    result[i] = sign | magnitudeBits(Math.abs(values[i] as number), float32Bits[i] as number);
  }
  return result;
}

function magnitudeBits(magnitude: number, float32Bits: number): number {
  if (Number.isNaN(magnitude)) return 0x7e00;
  if (magnitude >= OVERFLOW) return 0x7c00;
  // If this rounds up to 1024 steps, these are the bits of the smallest normal value, as they should be.
  if (magnitude < SMALLEST_NORMAL) return roundToEven(magnitude / SUBNORMAL_STEP);
  // Exponent and fraction are one number, so a fraction that is rounded up carries into the exponent.
  const exponentAndFraction = (float32Bits & 0x7fffffff) - ((127 - 15) << 23);
  return roundToEven(exponentAndFraction / 2 ** 13);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The values of bfloat16s, which are the upper halves of float32s; exact. */
export function fromBfloat16(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const float32Bits = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) float32Bits[i] = (bits[i] as number) << 16;
  return new Float32Array(float32Bits.buffer);
}
