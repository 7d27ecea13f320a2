/** Safetensors out of a `File`, of which nothing is read before it is known to be needed. */
import { bytesText, FormatError } from "../formatError.ts";
import { decodeData, type SafetensorsFile, withinMemory } from "./safetensors.ts";
import {
  findDataStart,
  LENGTH_BYTES,
  parseHeader,
  type SafetensorsHeader,
  START_BYTES,
} from "./safetensorsHeader.ts";

/** A file is read in pieces of so many bytes where somebody wants to know how far that is. */
const PIECE_BYTES = 2 ** 24;

/** How much of a file is read. */
export interface ReadProgress {
  loadedBytes: number;
  totalBytes: number;
}

/** What is needed of a `Blob` or a `File`. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  slice(start: number, end: number): Pick<Blob, "arrayBuffer">;
}

/**
 * The first stage: which tensors the file holds, and that it is neither cut off nor longer than they
 * are, however large it is.
 *
 * @throws FormatError, and nothing else
 */
export async function readSafetensorsHeader(file: ByteSource): Promise<SafetensorsHeader> {
  const start = await bytesBetween(file, 0, Math.min(START_BYTES, file.size));
  const dataStart = findDataStart(start, file.size);
  const json = await bytesBetween(file, LENGTH_BYTES, dataStart);
  return withinMemory(file.size, () => parseHeader(json, file.size));
}

/**
 * The second stage: all values.
 *
 * @param header what the first stage gave for the same file
 * @param onProgress told after every piece that is read
 * @throws FormatError, and nothing else
 */
export async function readSafetensorsData(
  file: ByteSource,
  header: SafetensorsHeader,
  onProgress?: (progress: ReadProgress) => void,
): Promise<SafetensorsFile> {
  const { dataStart } = header;
  const totalBytes = file.size;
  const data = withinMemory(totalBytes, () => new Uint8Array(totalBytes - dataStart));
  for (let start = dataStart; start < totalBytes; start += PIECE_BYTES) {
    const loadedBytes = Math.min(totalBytes, start + PIECE_BYTES);
    data.set(await bytesBetween(file, start, loadedBytes), start - dataStart);
    onProgress?.({ loadedBytes, totalBytes });
  }
  return withinMemory(file.size, () => decodeData(header, data));
}

/** @throws FormatError when the browser does not give them: its own words speak of permissions. */
async function bytesBetween(file: ByteSource, start: number, end: number): Promise<Uint8Array> {
  const wanted = bytesText(end - start);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.slice(start, end).arrayBuffer());
  } catch (error) {
    const reason = error instanceof Error ? error.name : String(error);
    throw new FormatError(
      `Expected to read ${wanted} of the file, got ${reason}. It may have been changed, moved or deleted since it was chosen, or memory is short: choose it again, or close other tabs.`,
      { cause: error },
    );
  }
  if (bytes.length === end - start) return bytes;
  throw new FormatError(
    `Expected to read ${wanted} of the file, got ${bytes.length}. It was changed while it was read: choose it again.`,
  );
}
