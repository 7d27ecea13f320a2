/** One IDX file on its way into the worker, gzipped or not. */
export interface DatasetFile {
  /** For messages to the person, e.g. `train-images-idx3-ubyte.gz`. */
  name: string;
  split: "train" | "validation";
  content: "images" | "labels";
  /** Size of the stream in bytes as it comes, null when the server did not say. */
  totalBytes: number | null;
  stream: ReadableStream<Uint8Array>;
}

/** How far all files of a dataset together have been read. */
export interface DatasetProgress {
  /** Bytes as they came over the wire. */
  loadedBytes: number;
  /** Null when one of the sizes is unknown. */
  totalBytes: number | null;
  /** Images parsed so far. */
  numImages: number;
  /** Images announced by the headers read so far. */
  totalImages: number;
}
