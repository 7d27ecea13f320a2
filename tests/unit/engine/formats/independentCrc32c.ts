/** CRC-32C bit by bit (RFC 3720, 12.1): the reflected polynomial 0x1EDC6F41. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Rotated right by 15 bits, plus a constant, modulo 2^32; as TensorFlow and LevelDB have it. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = BigInt(crc32c(bytes));
  const rotated = (crc >> 15n) | ((crc << 17n) & 0xffffffffn);
  return Number((rotated + 0xa282ead8n) % 2n ** 32n);
}
