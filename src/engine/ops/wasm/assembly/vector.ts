import { loadUpTo4, madd, storeUpTo4, sumOfLanes } from "./shared/vectors";

export function fillZeros(address: usize, numFloats: usize): void {
  memory.fill(address, 0, numFloats << 2);
}

/** x = scale factors x with a factor for each row; numColumns, here and below, is divisible by 4. */
export function scaleRows(
  x: usize,
  factors: usize,
  numRows: usize,
  numColumns: usize,
  scale: f32,
): void {
  const end = factors + (numRows << 2);
  for (; factors < end; factors += 4) {
    const factor = f32x4.splat(scale * load<f32>(factors));
    const next = x + (numColumns << 2);
    for (; x < next; x += 16) v128.store(x, f32x4.mul(v128.load(x), factor));
  }
}

/** scale sum(x y) of each row. */
export function rowDots(
  x: usize,
  y: usize,
  dots: usize,
  numRows: usize,
  numColumns: usize,
  scale: f32,
): void {
  const end = dots + (numRows << 2);
  for (; dots < end; dots += 4) {
    let sums = f32x4.splat(0);
    for (let c: usize = 0; c < numColumns; c += 4) {
      sums = madd(v128.load(x), v128.load(y), sums);
      x += 16;
      y += 16;
    }
    store<f32>(dots, scale * f32x4.extract_lane(sumOfLanes(sums), 0));
  }
}

/** y = x y. */
export function multiplyRows(
  x: usize,
  y: usize,
  numRows: usize,
  numColumns: usize,
  xStride: usize,
  yStride: usize,
): void {
  for (let row: usize = 0; row < numRows; row++) {
    for (let c: usize = 0; c < numColumns << 2; c += 16) {
      v128.store(y + c, f32x4.mul(v128.load(x + c), v128.load(y + c)));
    }
    x += xStride;
    y += yStride;
  }
}

/** sum = sum + x, with any number of columns. */
export function addRows(
  x: usize,
  sum: usize,
  numRows: usize,
  numColumns: usize,
  xStride: usize,
  sumStride: usize,
): void {
  for (let row: usize = 0; row < numRows; row++) {
    for (let c: usize = 0; c < numColumns; c += 4) {
      const at = sum + (c << 2);
      const rest = numColumns - c;
      storeUpTo4(at, f32x4.add(loadUpTo4(at, rest), loadUpTo4(x + (c << 2), rest)), rest);
    }
    x += xStride;
    sum += sumStride;
  }
}

/** sums = sums + the sum of the rows. */
export function addColumnSums(
  x: usize,
  sums: usize,
  numRows: usize,
  numColumns: usize,
  stride: usize,
): void {
  for (let c: usize = 0; c < numColumns; c += 4) {
    const rest = numColumns - c;
    const at = sums + (c << 2);
    let sum = f32x4.splat(0);
    let source = x + (c << 2);
    for (let row = numRows; row > 0; row--) {
      sum = f32x4.add(sum, loadUpTo4(source, rest));
      source += stride;
    }
    storeUpTo4(at, f32x4.add(loadUpTo4(at, rest), sum), rest);
  }
}

export function copyFloats(x: usize, y: usize, numFloats: usize): void {
  memory.copy(y, x, numFloats << 2);
}
