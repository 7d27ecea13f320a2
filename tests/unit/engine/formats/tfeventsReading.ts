import protobuf from "protobufjs";
import { EVENT_PROTO } from "./eventProto.ts";
import { maskedCrc32c } from "./independentCrc32c.ts";

interface ReadValue {
  tag: string;
  simpleValue?: number;
  image?: { height: number; width: number; colorspace: number; encodedImageString: Uint8Array };
}

export interface ReadEvent {
  /** In seconds. */
  wallTime: number;
  step: number;
  fileVersion?: string;
  summary?: { value: ReadValue[] };
}

const EVENT = protobuf.parse(EVENT_PROTO).root.lookupType("tensorflow.Event");

/** Reads an event file by its specifications, without any of the code under test. */
export function readTfevents(file: Uint8Array): ReadEvent[] {
  return readTfRecords(file).map((record) => {
    const fields = EVENT.toObject(EVENT.decode(record), { longs: Number });
    // What is 0 may be left out.
    return { wallTime: 0, step: 0, ...fields };
  });
}

/** @throws Error when a checksum is wrong or the file does not end with a record */
export function readTfRecords(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const checked = (at: number, length: number) => {
    const bytes = file.subarray(at, at + length);
    if (view.getUint32(at + length, true) !== maskedCrc32c(bytes)) {
      throw new Error(`Wrong checksum at ${at + length}.`);
    }
    return bytes;
  };
  const records: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    checked(at, 8);
    const length = Number(view.getBigUint64(at, true));
    records.push(checked(at + 12, length));
    at += 12 + length + 4;
  }
  return records;
}
