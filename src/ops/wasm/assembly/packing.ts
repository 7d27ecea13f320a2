/**
 * Brings the factors of a convolution into the order in which its tiles read them. Output channels come
 * in blocks of 8, the last one filled up with zeros.
 */

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

/**
 * A matrix to blocks of 8 columns.
 *
 * @param matrix `[numRows, numColumns]`
 * @param packed `[numColumns / 8, numRows, 8]`
 */
export function packColumns(matrix: usize, packed: usize, numRows: usize, numColumns: usize): void {
  for (let row: usize = 0; row < numRows; row++) {
    packRow(matrix, packed, numColumns, numRows << 5);
    matrix += numColumns << 2;
    packed += 32;
  }
}

/**
 * The kernel of the gradient of some of the input channels: turned by 180 degrees, and input and output
 * channels swapped.
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
  const rowBytes = numOut << 2;
  for (let first: usize = 0; first < numIn; first += 8) {
    const count = min(numIn - first, 8);
    if (count < 8) memory.fill(packed, 0, (size * size * rowBytes) << 3);
    for (let tap: usize = size * size; tap-- > 0; ) {
      const rows = kernel + (tap * allIn + firstIn + first) * rowBytes;
      for (let lane: usize = 0; lane < count; lane++) {
        const row = rows + lane * rowBytes;
        const target = packed + (lane << 2);
        for (let o: usize = 0; o < rowBytes; o += 4)
          store<f32>(target + (o << 3), load<f32>(row + o));
      }
      packed += rowBytes << 3;
    }
  }
}

/**
 * Images into the middle of larger ones, whose borders stay as they are, and some of whose channels.
 *
 * @param images `[numImages, height, width, numChannels]`
 * @param padded `[numImages, height + 2 pad, width + 2 pad, allChannels]`
 */
export function padImages(
  images: usize,
  padded: usize,
  numImages: usize,
  height: usize,
  width: usize,
  numChannels: usize,
  pad: usize,
  firstChannel: usize,
  allChannels: usize,
): void {
  const pixelBytes = numChannels << 2;
  const stride = allChannels << 2;
  const border = pad * stride;
  const rowBytes = (width + 2 * pad) * stride;
  padded += (firstChannel << 2) + pad * rowBytes + border;
  for (let image: usize = 0; image < numImages; image++) {
    for (let y: usize = 0; y < height; y++) {
      if (pixelBytes === stride) {
        memory.copy(padded, images, width * pixelBytes);
        images += width * pixelBytes;
        padded += rowBytes;
      } else {
        for (let x: usize = 0; x < width; x++) {
          memory.copy(padded, images, pixelBytes);
          images += pixelBytes;
          padded += stride;
        }
        padded += border << 1;
      }
    }
    padded += (pad << 1) * rowBytes;
  }
}

/**
 * Where the pixels of images lie in padded ones, in bytes from the corner of their window.
 *
 * @param offsets `[numImages * height * width]`, usize
 */
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

export function fillZeros(address: usize, numFloats: usize): void {
  memory.fill(address, 0, numFloats << 2);
}
