import { loadUpTo4, storeUpTo4 } from "./shared/vectors";

export function fillZeros(address: usize, numFloats: usize): void {
  memory.fill(address, 0, numFloats << 2);
}

/** x = factor x. */
export function scaleFloats(x: usize, numFloats: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = x + (i << 2);
    storeUpTo4(at, f32x4.mul(loadUpTo4(at, numFloats - i), factors), numFloats - i);
  }
}

/** sum = sum + x. */
export function addFloats(x: usize, sum: usize, numFloats: usize): void {
  for (let i: usize = 0; i < numFloats; i += 4) {
    const at = sum + (i << 2);
    const values = f32x4.add(loadUpTo4(at, numFloats - i), loadUpTo4(x + (i << 2), numFloats - i));
    storeUpTo4(at, values, numFloats - i);
  }
}

export function copyFloats(x: usize, y: usize, numFloats: usize): void {
  memory.copy(y, x, numFloats << 2);
}
