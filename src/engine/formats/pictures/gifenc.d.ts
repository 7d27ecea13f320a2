/** Types for the part of gifenc in use, which has none of its own. */
declare module "gifenc" {
  interface GifStream {
    /** `index` is `[height, width]`, an entry of the palette for each pixel. */
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: {
        /** The palette of the first frame is used by all frames without one. */
        palette?: number[][];
        /** Milliseconds. */
        delay: number;
        /** 0 loops forever. */
        repeat?: number;
      },
    ): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  }
  export function GIFEncoder(): GifStream;
}
