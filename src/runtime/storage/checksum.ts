import CRC32C from "crc-32/crc32c.js";

/** CRC-32C (RFC 3720, appendix B.4) of all the bytes one after the other, as a signed integer. */
export function checksumOf(...parts: readonly Uint8Array[]): number {
  return parts.reduce((checksum, bytes) => CRC32C.buf(bytes, checksum), 0);
}
