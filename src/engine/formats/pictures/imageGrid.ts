export interface GrayImage {
  width: number;
  height: number;
  /** `[height, width]`, 0 black to 255 white. */
  pixels: Uint8Array<ArrayBuffer>;
}

/** Arranges images of one size in a grid, row by row. Gaps and empty cells are black. */
export function imageGrid(options: {
  /** `[count, height, width]`, 0 to 255; at least one. */
  images: Uint8Array;
  width: number;
  height: number;
  /** Images side by side. */
  columns: number;
  /** Pixels between neighbors. */
  gap: number;
}): GrayImage {
  const { images, width, height, columns, gap } = options;
  const count = images.length / (width * height);
  const gridWidth = columns * (width + gap) - gap;
  const gridHeight = Math.ceil(count / columns) * (height + gap) - gap;
  const pixels = new Uint8Array(gridWidth * gridHeight);
  for (let line = 0; line < count * height; line++) {
    const image = Math.floor(line / height);
    const left = (image % columns) * (width + gap);
    const top = Math.floor(image / columns) * (height + gap) + (line % height);
    pixels.set(images.subarray(line * width, (line + 1) * width), top * gridWidth + left);
  }
  return { width: gridWidth, height: gridHeight, pixels };
}

/** Enlarges an image by a whole factor, without smoothing. */
export function enlarged({ width, height, pixels }: GrayImage, scale: number): GrayImage {
  const large = { width: width * scale, height: height * scale };
  const enlargedPixels = new Uint8Array(large.width * large.height);
  for (let y = 0; y < height; y++) {
    const first = y * scale * large.width;
    for (let x = 0; x < large.width; x++) {
      enlargedPixels[first + x] = pixels[y * width + Math.floor(x / scale)] ?? 0;
    }
    for (let copy = 1; copy < scale; copy++) {
      enlargedPixels.copyWithin(first + copy * large.width, first, first + large.width);
    }
  }
  return { ...large, pixels: enlargedPixels };
}

/**
 * Columns for a grid of `count` images: the fewest that fill a grid completely and make it one to about
 * two times as wide as high; if there are none, ceil(sqrt(count)).
 */
export function gridColumns(count: number): number {
  const squarest = Math.ceil(Math.sqrt(count));
  for (let columns = squarest; columns ** 2 <= 2 * count; columns++) {
    if (count % columns === 0) return columns;
  }
  return squarest;
}
