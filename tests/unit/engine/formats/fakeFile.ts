import type { ByteSource } from "../../../../src/engine/formats/safetensors/safetensorsBlob.ts";

/** Where in a file was read, from the first byte to the one after the last. */
type Range = [start: number, end: number];

/**
 * A file of which only the start exists, and that tells what is read of it.
 *
 * @param options.size what it says of itself; what is read past the bytes is zeros
 * @param options.failure what reading from a position on ends with, as a browser's does
 */
export function fakeFile(
  bytes: Uint8Array,
  {
    size = bytes.length,
    failure,
  }: { size?: number; failure?: { from: number; error: unknown } } = {},
): ByteSource & { name: string; reads: Range[] } {
  const reads: Range[] = [];
  return {
    name: "digits.safetensors",
    size,
    reads,
    slice(start, end) {
      const arrayBuffer = async () => {
        reads.push([start, end]);
        if (failure && end > failure.from) throw failure.error;
        const { buffer } = new Uint8Array(end - start);
        new Uint8Array(buffer).set(bytes.subarray(start, end));
        return buffer;
      };
      return { arrayBuffer };
    },
  };
}
