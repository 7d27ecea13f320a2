import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import crc32c from "crc-32/crc32c.js";
import { grayPng } from "./pictures/grayPng.ts";
import type { GrayImage } from "./pictures/imageGrid.ts";

/** The position of a point in the series of its tag. */
interface Point {
  /** TensorBoard groups series by the part before the first slash. */
  tag: string;
  step: number;
  /** Unix time. */
  wallTimeMs: number;
}

export interface ScalarPoint extends Point {
  value: number;
}

export interface ImagePoint extends Point, GrayImage {}

/** Field numbers of TensorFlow's event.proto and summary.proto. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2, image: 4 } as const;
const IMAGE = { height: 1, width: 2, colorspace: 3, encodedImageString: 4 } as const;

/** The version that TensorFlow writes. In earlier ones, a smaller step erases those that follow it. */
const FILE_VERSION = "brain.Event:2";
const GRAYSCALE = 1;

/**
 * Writes a TensorBoard event file: a TFRecord file of protobuf messages `Event`, ordered by step, then
 * time. Points with the same step and time share an event.
 *
 * Like `torch.utils.tensorboard` it writes `simple_value`, rounded to float32, and `image`. NaN and infinity
 * are written as they are: TensorBoard ignores them for the scale of a chart, and marks NaN with a triangle.
 *
 * @param onFraction called for each event with the fraction of points written, 0 to 1
 * @throws RangeError when an image's pixels are not `width * height`, or a step is not an integer
 */
export function encodeTfevents(options: {
  scalars: Iterable<ScalarPoint>;
  images: Iterable<ImagePoint>;
  onFraction?: ((fraction: number) => void) | undefined;
}): Uint8Array<ArrayBuffer> {
  const points = [...options.scalars, ...options.images].sort(
    (a, b) => a.step - b.step || a.wallTimeMs - b.wallTimeMs,
  );
  return encodeTfRecords(events(points, options.onFraction));
}

/** TensorBoard looks for files with `tfevents` in their names, and reads them in alphabetical order. */
export function tfeventsFileName({ startMs, name }: { startMs: number; name: string }): string {
  const seconds = String(Math.floor(startMs / 1000)).padStart(10, "0");
  return `events.out.tfevents.${seconds}.${name.replaceAll(/[^\w.-]+/g, "-")}`;
}

function* events(
  points: readonly (ScalarPoint | ImagePoint)[],
  onFraction?: (fraction: number) => void,
): Generator<Uint8Array> {
  const writer = new BinaryWriter();
  // TensorBoard shows the time of the first event as that of the run.
  const startMs = points.reduce(
    (earliest, { wallTimeMs }) => Math.min(earliest, wallTimeMs),
    points[0]?.wallTimeMs ?? 0,
  );
  writeWallTime(writer, startMs);
  yield writer.tag(EVENT.fileVersion, WireType.LengthDelimited).string(FILE_VERSION).finish();

  for (let start = 0; start < points.length; ) {
    onFraction?.(start / points.length);
    const { step, wallTimeMs } = points[start] as Point;
    writeWallTime(writer, wallTimeMs);
    writer.tag(EVENT.step, WireType.Varint).int64(step);
    writer.tag(EVENT.summary, WireType.LengthDelimited).fork();
    let point = points[start];
    // `Object.is` also finds NaN equal to NaN, so at least one point is written each time.
    while (point && point.step === step && Object.is(point.wallTimeMs, wallTimeMs)) {
      writeValue(writer, point);
      point = points[++start];
    }
    yield writer.join().finish();
  }
}

function writeWallTime(writer: BinaryWriter, wallTimeMs: number): void {
  writer.tag(EVENT.wallTime, WireType.Bit64).double(wallTimeMs / 1000);
}

function writeValue(writer: BinaryWriter, point: ScalarPoint | ImagePoint): void {
  writer.tag(SUMMARY.value, WireType.LengthDelimited).fork();
  writer.tag(VALUE.tag, WireType.LengthDelimited).string(point.tag);
  if ("value" in point) {
    writer.tag(VALUE.simpleValue, WireType.Bit32).float(Math.fround(point.value));
  } else {
    writer.tag(VALUE.image, WireType.LengthDelimited).fork();
    writer.tag(IMAGE.height, WireType.Varint).int32(point.height);
    writer.tag(IMAGE.width, WireType.Varint).int32(point.width);
    writer.tag(IMAGE.colorspace, WireType.Varint).int32(GRAYSCALE);
    writer.tag(IMAGE.encodedImageString, WireType.LengthDelimited).bytes(grayPng(point));
    writer.join();
  }
  writer.join();
}

/**
 * Writes a TFRecord file: for each record its length as a u64, the masked CRC-32C of these eight
 * bytes, the record, and the masked CRC-32C of the record, all little-endian
 * (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details).
 *
 * @param records each is copied before the next is requested
 */
export function encodeTfRecords(records: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const file = new BinaryWriter();
  const length = new Uint8Array(8);
  const lengthView = new DataView(length.buffer);
  for (const record of records) {
    lengthView.setBigUint64(0, BigInt(record.length), true);
    file.raw(length).fixed32(maskedCrc32c(length)).raw(record).fixed32(maskedCrc32c(record));
  }
  return file.finish();
}

/** Masked as in LevelDB, since the CRC of bytes that contain their own CRC says little. */
function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
