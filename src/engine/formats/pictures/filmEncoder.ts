/** Makes a film of gray frames of one size. Frames are added one by one, so only one is in memory at a time. */
export interface FilmEncoder {
  /**
   * @param pixels `[height, width]`, 0 black to 255 white; the encoder does not keep it
   * @param durationMs how long it is shown
   */
  add(pixels: Uint8Array, durationMs: number): Promise<void>;
  /** Returns the file. Nothing can be added afterwards. */
  finish(): Promise<Uint8Array<ArrayBuffer>>;
  /** Frees what an unfinished film holds. */
  cancel(): Promise<void>;
}

export interface FilmSize {
  /** Pixels. */
  width: number;
  height: number;
}
