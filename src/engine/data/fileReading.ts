import { messageOf } from "../messageOf.ts";
import { DataError } from "./dataError.ts";
import type { DatasetFile } from "./datasetFile.ts";
import { IdxParser } from "./idx.ts";

/**
 * Reads a dataset file from its stream, gzipped or not. It owns the stream from its construction on, and
 * cancels it when `signal` is aborted.
 */
export class FileReading {
  readonly file: DatasetFile;
  readonly parser: IdxParser;
  /** Bytes read so far, before decompression. */
  loadedBytes = 0;
  readonly #signal: AbortSignal;
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  #isGzip = false;
  #hasSourceFailed = false;

  constructor(file: DatasetFile, signal: AbortSignal) {
    this.file = file;
    this.parser = new IdxParser(file);
    this.#signal = signal;
    this.#source = file.stream.getReader();
    // A stream that has already failed rejects here with the error that `read` reports anyway.
    const cancel = () => void this.#source.cancel(signal.reason).catch(() => {});
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
  }

  /**
   * Reads to the end and gives the items: images `[N * 784]` or labels `[N]`.
   * @throws DataError naming the file; the signal's reason when it is aborted.
   */
  async read(onChunk: () => void): Promise<Uint8Array> {
    try {
      const bytes = (await this.#plainBytes()).getReader();
      for (;;) {
        const { done, value } = await bytes.read();
        // A canceled source looks like one that has ended.
        this.#signal.throwIfAborted();
        if (done) return this.parser.finish();
        this.parser.push(value);
        onChunk();
      }
    } catch (error) {
      this.#signal.throwIfAborted();
      throw this.#explained(error);
    }
  }

  /**
   * The stream, decompressed if it begins with gzip's magic bytes. The name does not tell: some servers
   * send `.gz` with `Content-Encoding: gzip`, and then the browser has already decompressed it.
   */
  async #plainBytes(): Promise<ReadableStream<Uint8Array>> {
    const head: Uint8Array<ArrayBuffer>[] = [];
    let magic: number[] = [];
    while (magic.length < 2) {
      const chunk = await this.#nextChunk();
      if (chunk === null) break;
      head.push(chunk);
      magic = [...magic, ...chunk.subarray(0, 2)];
    }
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        for (const chunk of head) controller.enqueue(chunk);
      },
      pull: async (controller) => {
        const chunk = await this.#nextChunk();
        if (chunk === null) controller.close();
        else controller.enqueue(chunk);
      },
    });
    this.#isGzip = magic[0] === 0x1f && magic[1] === 0x8b;
    return this.#isGzip ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
  }

  async #nextChunk(): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      const { done, value } = await this.#source.read();
      if (done) return null;
      this.loadedBytes += value.length;
      // Never shared memory, which DecompressionStream would refuse: it comes from a file or a response.
      return value as Uint8Array<ArrayBuffer>;
    } catch (error) {
      this.#hasSourceFailed = true;
      throw error;
    }
  }

  #explained(error: unknown): DataError {
    if (error instanceof DataError) return error;
    const { name, totalBytes } = this.file;
    const ofTotal = totalBytes === null ? "" : ` of ${totalBytes.toLocaleString("en-US")}`;
    const where = `after ${this.loadedBytes.toLocaleString("en-US")}${ofTotal} bytes`;
    let problem = messageOf(error);
    if (this.#hasSourceFailed)
      problem = `reading broke off ${where} (${problem}). Check the connection, or that the file is still there, and try again.`;
    else if (this.#isGzip)
      problem = `the gzip data is truncated or damaged; it could not be decompressed ${where} (${problem}). Download the file again.`;
    return new DataError(`${name}: ${problem}`, { cause: error });
  }
}
