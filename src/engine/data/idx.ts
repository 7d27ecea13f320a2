import { IMAGE_SIZE, NUM_PIXELS } from "../config/hyperparameters.ts";
import { DataError } from "./dataError.ts";
import type { DatasetFile } from "./datasetFile.ts";

/** A larger size in the header counts as damage: the largest EMNIST file has 0.55 GB. */
const MAX_ITEM_BYTES = 2 ** 31 - 1;

/** The magic number of unsigned bytes with three axes. */
const IMAGE_MAGIC = 2051;
/** That of one axis. */
const LABEL_MAGIC = 2049;

const LAYOUTS = {
  images: { magic: IMAGE_MAGIC, headerBytes: 16, itemBytes: NUM_PIXELS },
  labels: { magic: LABEL_MAGIC, headerBytes: 8, itemBytes: 1 },
} as const;

/**
 * Parses an IDX file (LeCun et al. 1998) as its bytes arrive: a header of big-endian u32 (magic, count,
 * and for images rows and columns), then one byte for each pixel or label. Errors are thrown as early as
 * possible, so that a download can stop.
 */
export class IdxParser {
  readonly #name: string;
  readonly #content: DatasetFile["content"];
  readonly #layout: (typeof LAYOUTS)[DatasetFile["content"]];
  readonly #header: Uint8Array;
  #items: Uint8Array | null = null;
  #receivedBytes = 0;

  constructor({ name, content }: Pick<DatasetFile, "name" | "content">) {
    this.#name = name;
    this.#content = content;
    this.#layout = LAYOUTS[content];
    this.#header = new Uint8Array(this.#layout.headerBytes);
  }

  /** Items announced by the header; 0 before it has arrived. */
  get totalItems(): number {
    return (this.#items?.length ?? 0) / this.#layout.itemBytes;
  }

  /** Items that have arrived in full. */
  get numItems(): number {
    const { headerBytes, itemBytes } = this.#layout;
    return Math.max(0, Math.floor((this.#receivedBytes - headerBytes) / itemBytes));
  }

  /** Takes the next bytes. Throws a DataError for a wrong header, or bytes after the announced end. */
  push(chunk: Uint8Array): void {
    const headerPart = chunk.subarray(0, Math.max(0, this.#header.length - this.#receivedBytes));
    this.#header.set(headerPart, Math.min(this.#receivedBytes, this.#header.length));
    this.#receivedBytes += headerPart.length;
    if (this.#receivedBytes < this.#header.length) return;

    this.#items ??= this.#allocate();
    const body = chunk.subarray(headerPart.length);
    const offset = this.#receivedBytes - this.#header.length;
    this.#receivedBytes += body.length;
    if (offset + body.length > this.#items.length) {
      throw this.#error(
        `expected ${this.#expectedSize(this.#items.length)}, but more bytes follow. The file is damaged or is not what its name says.`,
      );
    }
    this.#items.set(body, offset);
  }

  /**
   * The items, images `[N * 784]`, 0 black to 255 white, or labels `[N]`. Throws a DataError when the file is
   * empty or truncated.
   */
  finish(): Uint8Array {
    if (this.#receivedBytes === 0) throw this.#error("the file is empty.");
    if (this.#items === null) {
      if (this.#receivedBytes >= 4) this.#checkMagic();
      throw this.#error(
        `the file is truncated: expected a header of ${this.#header.length} bytes, got ${this.#receivedBytes} bytes in all.`,
      );
    }
    if (this.#receivedBytes < this.#header.length + this.#items.length) {
      throw this.#error(
        `the file is truncated: expected ${this.#expectedSize(this.#items.length)}, got ${grouped(this.#receivedBytes)} bytes.`,
      );
    }
    return this.#items;
  }

  #allocate(): Uint8Array {
    this.#checkMagic();
    const numItems = this.#headerField(1);
    if (this.#content === "images") {
      const [rows, columns] = [this.#headerField(2), this.#headerField(3)];
      if (rows !== IMAGE_SIZE || columns !== IMAGE_SIZE) {
        throw this.#error(
          `expected images of ${IMAGE_SIZE}x${IMAGE_SIZE} pixels, got ${rows}x${columns}.`,
        );
      }
    }
    if (numItems === 0) throw this.#error(`the header announces no ${this.#content} at all.`);
    const numBytes = numItems * this.#layout.itemBytes;
    const items = `${grouped(numItems)} ${this.#content}`;
    if (numBytes > MAX_ITEM_BYTES) {
      throw this.#error(
        `the header announces ${items}, expected less than 2 GB of them. The file is damaged.`,
      );
    }
    try {
      return new Uint8Array(numBytes);
    } catch {
      throw this.#error(
        `there is not enough memory for its ${items} (${grouped(numBytes)} bytes). Close other tabs or take a smaller dataset.`,
      );
    }
  }

  #checkMagic(): void {
    const { magic } = this.#layout;
    const got = this.#headerField(0);
    if (got === magic) return;
    const other = this.#content === "images" ? "labels" : "images";
    // TextDecoder removes a byte order mark by itself.
    const start = new TextDecoder().decode(this.#header.subarray(0, 4)).trimStart();
    let hint = "";
    if (got === LAYOUTS[other].magic) hint = ` It is a file of ${other}: are two files swapped?`;
    else if (start.startsWith("<"))
      hint = " It looks like a web page (HTML): the server may have sent one in place of the file.";
    throw this.#error(
      `expected an IDX file of ${this.#content}, which begins with the number ${magic}, got ${got}.${hint}`,
    );
  }

  #headerField(index: number): number {
    return new DataView(this.#header.buffer).getUint32(4 * index, false);
  }

  #expectedSize(itemsBytes: number): string {
    return `${grouped(this.#header.length + itemsBytes)} bytes for ${grouped(this.totalItems)} ${this.#content}`;
  }

  #error(problem: string): DataError {
    return new DataError(`${this.#name}: ${problem}`);
  }
}

/** Images, `[N, 28, 28]`, 0 black to 255 white, as an IDX file like those of MNIST. */
export function encodeIdxImages(pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  return encoded([IMAGE_MAGIC, pixels.length / NUM_PIXELS, IMAGE_SIZE, IMAGE_SIZE], pixels);
}

/** Labels, `[N]`, as an IDX file. */
export function encodeIdxLabels(labels: Uint8Array): Uint8Array<ArrayBuffer> {
  return encoded([LABEL_MAGIC, labels.length], labels);
}

function encoded(header: readonly number[], items: Uint8Array): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(4 * header.length + items.length);
  const view = new DataView(file.buffer);
  for (const [index, field] of header.entries()) view.setUint32(4 * index, field, false);
  file.set(items, 4 * header.length);
  return file;
}

/** 47040016 as 47,040,016. */
function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
