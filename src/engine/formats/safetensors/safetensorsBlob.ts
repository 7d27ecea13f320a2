/** Reads safetensors from a `File` in two stages: the header first, the values only if they are wanted. */
import { FormatError, formatExactBytes } from "../formatError.ts";
import { decodeData, type SafetensorsFile, withinMemory } from "./safetensors.ts";
import {
  findDataStart,
  LENGTH_BYTES,
  parseHeader,
  type SafetensorsHeader,
  START_BYTES,
} from "./safetensorsHeader.ts";

/** Values are read in pieces of so many bytes, so that progress can be reported. */
const PIECE_BYTES = 2 ** 24;

export interface ReadProgress {
  loadedBytes: number;
  totalBytes: number;
}

/** The part of `Blob` and `File` that is used. */
export interface ByteSource {
  readonly size: number;
  slice(start: number, end: number): Pick<Blob, "arrayBuffer">;
}

/**
 * The first stage: reads which tensors the file holds, and checks that its length fits them. It throws
 * nothing but FormatErrors, as the second.
 */
export async function readSafetensorsHeader(file: ByteSource): Promise<SafetensorsHeader> {
  const start = await bytesBetween(file, 0, Math.min(START_BYTES, file.size));
  const json = await bytesBetween(file, LENGTH_BYTES, findDataStart(start, file.size));
  return withinMemory(file.size, () => parseHeader(json, file.size));
}

/** The second stage: reads all values of a file with this header. Reports every piece that is read. */
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

/** @throws FormatError when the file cannot be read: the browser's own message misleadingly speaks of permissions */
async function bytesBetween(file: ByteSource, start: number, end: number): Promise<Uint8Array> {
  const wanted = formatExactBytes(end - start);
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
    `Expected to read ${wanted} of the file, got ${bytes.length.toLocaleString("en")}. It was changed while it was read: choose it again.`,
  );
}
