/** Factors of a convolution as its tiles read them: output channels in blocks of 8, the last filled up with zeros. */

/** Copies one row of `numValues` floats into blocks of 8 that are `blockBytes` apart. */
function packRow(row: usize, packed: usize, numValues: usize, blockBytes: usize): void {
  for (; numValues >= 8; numValues -= 8) {
    v128.store(packed, v128.load(row));
    v128.store(packed, v128.load(row, 16), 16);
    row += 32;
    packed += blockBytes;
  }
  if (numValues === 0) return;
  memory.fill(packed, 0, 32);
  memory.copy(packed, row, numValues << 2);
}

/** A matrix, its rows `stride` bytes apart, to blocks of 8 columns, `[numColumns / 8, numRows, 8]`. */
export function packColumns(
  matrix: usize,
  packed: usize,
  numRows: usize,
  numColumns: usize,
  stride: usize,
): void {
  for (let row: usize = 0; row < numRows; row++) {
    packRow(matrix, packed, numColumns, numRows << 5);
    matrix += stride;
    packed += 32;
  }
}

/** Eight rows of a matrix, or the `count` that are left, side by side: `[numColumns, 8]`. */
function packRowsOfBlock(
  matrix: usize,
  packed: usize,
  count: usize,
  numColumns: usize,
  stride: usize,
): void {
  if (count < 8) memory.fill(packed, 0, numColumns << 5);
  for (let lane: usize = 0; lane < min(count, 8); lane++) {
    const row = matrix + lane * stride;
    const target = packed + (lane << 2);
    for (let c: usize = 0; c < numColumns; c++) {
      store<f32>(target + (c << 5), load<f32>(row + (c << 2)));
    }
  }
}

/** A matrix to blocks of 8 rows, `[numRows / 8, numColumns, 8]`: `packColumns` of the transposed one. */
export function packRows(
  matrix: usize,
  packed: usize,
  numRows: usize,
  numColumns: usize,
  stride: usize,
): void {
  for (let first: usize = 0; first < numRows; first += 8) {
    packRowsOfBlock(matrix + first * stride, packed, numRows - first, numColumns, stride);
    packed += numColumns << 5;
  }
}

/**
 * The kernel for the gradient of some input channels: turned by 180 degrees, its channels swapped.
 *
 * @param kernel `[size, size, allIn, numOut]`
 * @param packed `[numIn / 8, size, size, numOut, 8]`
 */
export function packTurned(
  kernel: usize,
  packed: usize,
  size: usize,
  allIn: usize,
  firstIn: usize,
  numIn: usize,
  numOut: usize,
): void {
  const stride = numOut << 2;
  for (let first: usize = 0; first < numIn; first += 8) {
    for (let tap: usize = size * size; tap > 0; tap--) {
      const rows = kernel + ((tap - 1) * allIn + firstIn + first) * stride;
      packRowsOfBlock(rows, packed, numIn - first, numOut, stride);
      packed += numOut << 5;
    }
  }
}

/** Short copies, for which `memory.copy` is a call that takes longer. Returns the end of the target. */
function copyShort(source: usize, target: usize, numFloats: usize): usize {
  for (; numFloats >= 4; numFloats -= 4) {
    v128.store(target, v128.load(source));
    source += 16;
    target += 16;
  }
  for (; numFloats > 0; numFloats--) {
    store<f32>(target, load<f32>(source));
    source += 4;
    target += 4;
  }
  return target;
}

function clearShort(target: usize, numFloats: usize): usize {
  for (; numFloats >= 4; numFloats -= 4) {
    v128.store(target, f32x4.splat(0));
    target += 16;
  }
  for (; numFloats > 0; numFloats--) {
    store<f32>(target, 0);
    target += 4;
  }
  return target;
}

/**
 * Images side by side along their channels, with zeros around them: `pad` pixels, but on the right and below as many as said.
 *
 * @param images `[numImages, height, width, numChannels]`
 * @param others `[numImages, height, width, numOthers]`, or 0
 * @param padded `[numImages, pad + height + bottom, pad + width + right, numChannels + numOthers]`
 */
export function padImages(
  images: usize,
  others: usize,
  padded: usize,
  numImages: usize,
  height: usize,
  width: usize,
  numChannels: usize,
  numOthers: usize,
  pad: usize,
  right: usize,
  bottom: usize,
): void {
  const pixel = numChannels + numOthers;
  const rowLength = width * numChannels;
  const paddedRow = (pad + width + right) * pixel;
  for (let image: usize = 0; image < numImages; image++) {
    padded = clearShort(padded, pad * (paddedRow + pixel));
    for (let y: usize = height; y > 0; y--) {
      if (others) {
        for (let x: usize = width; x > 0; x--) {
          padded = copyShort(images, padded, numChannels);
          padded = copyShort(others, padded, numOthers);
          images += numChannels << 2;
          others += numOthers << 2;
        }
      } else {
        padded = copyShort(images, padded, rowLength);
        images += rowLength << 2;
      }
      // Right of a row, and left of the next.
      if (y > 1) padded = clearShort(padded, (right + pad) * pixel);
    }
    padded = clearShort(padded, right * pixel + bottom * paddedRow);
  }
}

/** Where each pixel of images lies in padded ones, in bytes from the corner of its window. */
export function pixelOffsets(
  offsets: usize,
  numImages: usize,
  height: usize,
  width: usize,
  pad: usize,
  numChannels: usize,
): void {
  const pixelBytes = numChannels << 2;
  let offset: usize = 0;
  for (let image: usize = 0; image < numImages; image++) {
    for (let y: usize = 0; y < height; y++) {
      for (let x: usize = 0; x < width; x++) {
        store<u32>(offsets, offset);
        offsets += 4;
        offset += pixelBytes;
      }
      offset += (pad << 1) * pixelBytes;
    }
    offset += (pad << 1) * (width + 2 * pad) * pixelBytes;
  }
}
