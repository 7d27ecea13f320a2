/** The part of gifenc in use; it has no types of its own. */
declare module "gifenc" {
  interface GifStream {
    /** `index` is `[height, width]`, an entry of the palette for each pixel. */
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: {
        /** Of the first frame it is that of all which have none. */
        palette?: number[][];
        /** Milliseconds. */
        delay: number;
        /** 0 plays for ever. */
        repeat?: number;
      },
    ): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  }
  export function GIFEncoder(): GifStream;
}
