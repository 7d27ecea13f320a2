/** Makes a film of gray frames of one size, one after the other: no two need be in memory at once. */
export interface FilmEncoder {
  /**
   * @param pixels `[height, width]`, 0 black to 255 white; may be written to afterwards
   * @param durationMs how long it is seen
   */
  add(pixels: Uint8Array, durationMs: number): Promise<void>;
  /** The file; nothing can be added after it. */
  finish(): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives back what the film holds that is not to be finished. */
  cancel(): Promise<void>;
}

export interface FilmSize {
  /** Pixels. */
  width: number;
  height: number;
}
