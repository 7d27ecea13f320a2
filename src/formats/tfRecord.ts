import { BinaryWriter } from "@bufbuild/protobuf/wire";
import crc32c from "crc-32/crc32c.js";

/**
 * Writes a TFRecord file: for each record its length as a u64, the masked CRC-32C of these eight
 * bytes, the record, and the masked CRC-32C of the record, all little-endian
 * (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details).
 *
 * @param records each is copied before the next is asked for
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

/** Masked, since the CRC of bytes that hold their own CRC says little; as in LevelDB. */
function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
