import { shortened } from "../../shortenedText.ts";
import { FormatError, formatExactBytes, formatShape, quoted } from "../formatError.ts";
import { parsedJson } from "../parsedJson.ts";
import { DTYPES, type Dtype, isDtype } from "./dtypes.ts";
import { HINT_BYTES, notSafetensorsMessage } from "./notSafetensors.ts";

/** Bytes before the header: its length as a little-endian u64. */
export const LENGTH_BYTES = 8;
/** How many of the first bytes are needed to tell the length of the header, or what the file is instead. */
export const START_BYTES = HINT_BYTES;
/** The only key of the header that is not a tensor. */
export const METADATA_KEY = "__metadata__";
/** The format's own limit. */
const MAX_HEADER_BYTES = 100_000_000;
const OPENING_BRACE = 0x7b;

interface HeaderEntry {
  name: string;
  dtype: Dtype;
  shape: number[];
  /** First byte of the values and the one after the last, relative to the end of the header. */
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  entries: HeaderEntry[];
  metadata: Record<string, string>;
  /** Byte of the file at which the values begin. */
  dataStart: number;
}

/**
 * The byte of the file at which the header ends and the values begin.
 *
 * @param start the first START_BYTES of the file, or all of a shorter one
 * @throws FormatError when the file is not safetensors or ends within its header
 */
export function findDataStart(start: Uint8Array, totalBytes: number): number {
  // In Chromium, a file that was deleted since it was chosen is empty, too.
  if (totalBytes === 0) {
    throw new FormatError(
      "Expected a safetensors file, got an empty one. If it was moved or changed since, choose it again.",
    );
  }
  if (totalBytes < LENGTH_BYTES) {
    throw notSafetensors(start, `one of only ${formatExactBytes(totalBytes)}`);
  }
  const length = new DataView(start.buffer, start.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw notSafetensors(
      start,
      `another kind of file, or a damaged one (its header would have ${formatExactBytes(length)})`,
    );
  }
  if (totalBytes > LENGTH_BYTES && start[LENGTH_BYTES] !== OPENING_BRACE) {
    throw notSafetensors(
      start,
      'another kind of file, or a damaged one (its header does not begin with "{")',
    );
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > totalBytes) {
    throw new FormatError(
      `The file is truncated or its header damaged: expected ${formatExactBytes(length)} of header, got ${(totalBytes - LENGTH_BYTES).toLocaleString("en")}. Download or export it again.`,
    );
  }
  return dataStart;
}

function notSafetensors(start: Uint8Array, otherwise: string): FormatError {
  return new FormatError(notSafetensorsMessage(start, otherwise));
}

function damaged(problem: string): FormatError {
  return new FormatError(`${problem} The file is damaged: download or export it again.`);
}

/**
 * Parses and checks the header. The entries it returns cover the rest of the file without gaps or
 * overlaps (https://github.com/huggingface/safetensors#format).
 *
 * @param bytes the JSON between the header's length and the values
 * @throws FormatError when the header is damaged, or does not fit the size of the file
 */
export function parseHeader(bytes: Uint8Array, totalBytes: number): SafetensorsHeader {
  const dataStart = LENGTH_BYTES + bytes.length;
  const header = parsedHeader(bytes);
  const metadata = checkedMetadata(header[METADATA_KEY]);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA_KEY)
    .map(([name, value]) => checkedEntry(name, value));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, totalBytes - dataStart, dataStart);
  return { entries, metadata, dataStart };
}

/**
 * An object if it is JSON at all, since `findDataStart` has found an opening brace. Of a name that it has
 * twice, the last counts, and the bytes of another tensor are found to be a gap.
 */
function parsedHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown = null;
  try {
    header = parsedJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // Not even UTF-8.
  }
  if (isObject(header)) return header;
  throw damaged("The header is not JSON in UTF-8, or lists more parts than any network has.");
}

function checkedMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value)) throw damaged("The metadata are not an object of texts.");
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw new FormatError(
        `The metadata's ${quoted(key)} is not a text, which the format asks for. Write it as one, for example with json.dumps.`,
      );
    }
  }
  return value as Record<string, string>;
}

function checkedEntry(name: string, value: unknown): HeaderEntry {
  const tensor = `Tensor ${quoted(name)}`;
  if (!isObject(value) || Object.keys(value).sort().join() !== "data_offsets,dtype,shape") {
    throw damaged(`${tensor}: expected dtype, shape and data_offsets.`);
  }
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    throw new FormatError(
      `${tensor}: expected values of type ${Object.keys(DTYPES).join(", ")}, got ${shortened(JSON.stringify(dtype), 80)}. In PyTorch, convert it with .float() before saving.`,
    );
  }
  if (!isCounts(shape)) throw damaged(`${tensor}: its shape is not a list of whole numbers.`);
  const isPair = isCounts(offsets) && offsets.length === 2;
  const [begin, end] = isPair ? (offsets as [number, number]) : [0, -1];
  if (end < begin) throw damaged(`${tensor}: its data_offsets are not two whole numbers in order.`);
  const expected = shape.reduce((product, size) => product * size, DTYPES[dtype].bytes);
  if (end - begin !== expected) {
    throw damaged(
      `${tensor}: expected ${formatExactBytes(expected)} for ${dtype} of shape ${formatShape(shape)}, got ${end - begin}.`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** Checks that each tensor begins where the one before ends, and the last ends with the file. */
function checkCoverage(entries: readonly HeaderEntry[], dataBytes: number, dataStart: number) {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      const problem = begin < covered ? "overlap those of another tensor" : "leave a gap";
      throw damaged(
        `Tensor ${quoted(name)}: expected its bytes to begin at ${covered.toLocaleString("en")}, got ${begin.toLocaleString("en")}: they ${problem}.`,
      );
    }
    covered = end;
  }
  if (dataBytes === covered) return;
  throw new FormatError(
    `The file ${dataBytes < covered ? "is truncated" : "goes on after its end"}: expected ${formatExactBytes(dataStart + covered)}, got ${(dataStart + dataBytes).toLocaleString("en")}. Download or export it again.`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((n) => Number.isSafeInteger(n) && n >= 0 && !Object.is(n, -0))
  );
}
