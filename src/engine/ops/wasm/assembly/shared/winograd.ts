/**
 * Convolutions of 3 x 3 by Winograd's minimal filtering F(2 x 2, 3 x 3) (Lavin and Gray 2016): a tile of 2 x 2 pixels of
 * the output from 4 x 4 of the input, with 16 products for each pair of channels instead of 36:
 *
 * Y = A^T (sum_c U_c V_c) A, U = G K G^T, V = B^T X B, the products element by element
 *
 * Each of the 16 elements is a matrix product over the channels. Images are padded by one pixel, and tiles begin at
 * every second row and column. Where a side is odd, the last tile reads and computes one row or column too many, of
 * which nothing is kept. Input channels are divisible by 4, output channels by 8.
 */

/**
 * Bytes from one element's matrix to the next: 16 of them, which are written together, have to lie in different
 * sets of a cache.
 */
export function elementStride(numBytes: usize): usize {
  return (numBytes | 4095) + 257;
}

/**
 * V of some rows of tiles, `[16, tiles, numIn]` with elements `elementBytes` apart.
 *
 * @param image from the first tile's first pixel on
 */
export function transformInput(
  image: usize,
  transformed: usize,
  elementBytes: usize,
  numRows: usize,
  tilesPerRow: usize,
  pixelBytes: usize,
  rowBytes: usize,
): void {
  const twoPixels = pixelBytes << 1;
  const threePixels = pixelBytes + twoPixels;
  for (; numRows > 0; numRows--) {
    let p = image;
    for (let tile = tilesPerRow; tile > 0; tile--) {
      for (let channel: usize = 0; channel < pixelBytes; channel += 16) {
        let q = p + channel;
        const b0 = v128.load(q + pixelBytes);
        const c0 = v128.load(q + twoPixels);
        const h00 = f32x4.sub(v128.load(q), c0);
        const h01 = f32x4.add(b0, c0);
        const h02 = f32x4.sub(c0, b0);
        const h03 = f32x4.sub(b0, v128.load(q + threePixels));
        q += rowBytes;
        const b1 = v128.load(q + pixelBytes);
        const c1 = v128.load(q + twoPixels);
        const h10 = f32x4.sub(v128.load(q), c1);
        const h11 = f32x4.add(b1, c1);
        const h12 = f32x4.sub(c1, b1);
        const h13 = f32x4.sub(b1, v128.load(q + threePixels));
        q += rowBytes;
        const b2 = v128.load(q + pixelBytes);
        const c2 = v128.load(q + twoPixels);
        const h20 = f32x4.sub(v128.load(q), c2);
        const h21 = f32x4.add(b2, c2);
        const h22 = f32x4.sub(c2, b2);
        const h23 = f32x4.sub(b2, v128.load(q + threePixels));
        q += rowBytes;
        const b3 = v128.load(q + pixelBytes);
        const c3 = v128.load(q + twoPixels);
        const h30 = f32x4.sub(v128.load(q), c3);
        const h31 = f32x4.add(b3, c3);
        const h32 = f32x4.sub(c3, b3);
        const h33 = f32x4.sub(b3, v128.load(q + threePixels));
        let v = transformed + channel;
        v128.store(v, f32x4.sub(h00, h20));
        v += elementBytes;
        v128.store(v, f32x4.sub(h01, h21));
        v += elementBytes;
        v128.store(v, f32x4.sub(h02, h22));
        v += elementBytes;
        v128.store(v, f32x4.sub(h03, h23));
        v += elementBytes;
        v128.store(v, f32x4.add(h10, h20));
        v += elementBytes;
        v128.store(v, f32x4.add(h11, h21));
        v += elementBytes;
        v128.store(v, f32x4.add(h12, h22));
        v += elementBytes;
        v128.store(v, f32x4.add(h13, h23));
        v += elementBytes;
        v128.store(v, f32x4.sub(h20, h10));
        v += elementBytes;
        v128.store(v, f32x4.sub(h21, h11));
        v += elementBytes;
        v128.store(v, f32x4.sub(h22, h12));
        v += elementBytes;
        v128.store(v, f32x4.sub(h23, h13));
        v += elementBytes;
        v128.store(v, f32x4.sub(h10, h30));
        v += elementBytes;
        v128.store(v, f32x4.sub(h11, h31));
        v += elementBytes;
        v128.store(v, f32x4.sub(h12, h32));
        v += elementBytes;
        v128.store(v, f32x4.sub(h13, h33));
      }
      transformed += pixelBytes;
      p += 2 * pixelBytes;
    }
    image += 2 * rowBytes;
  }
}
