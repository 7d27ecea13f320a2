/** An IDX file that is being read, gzipped or not. */
export interface DatasetFile {
  /** Shown in messages, e.g. `train-images-idx3-ubyte.gz`. */
  name: string;
  split: "train" | "validation";
  content: "images" | "labels";
  /** Size of the stream in bytes, before decompression; null when the server did not say. */
  totalBytes: number | null;
  stream: ReadableStream<Uint8Array>;
}

/** How far the files of a dataset have been read, all together. */
export interface DatasetProgress {
  /** Before decompression. */
  loadedBytes: number;
  /** Null when the size of a file is unknown. */
  totalBytes: number | null;
  /** Images parsed so far. */
  numImages: number;
  /** Images announced by the headers read so far. */
  totalImages: number;
}
