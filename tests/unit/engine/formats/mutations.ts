import fc from "fast-check";

/** A way to damage a file: gives a new file and leaves the old one. */
type Mutation = (file: Uint8Array) => Uint8Array;

/** A position in a file of any length, as a part of it. */
const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const LENGTH_BYTES = 8;

const at = (part: number, length: number) => Math.floor(part * length);

function spliced(file: Uint8Array, start: number, numDeleted: number, insert: ArrayLike<number>) {
  return Uint8Array.from([
    ...file.subarray(0, start),
    ...Array.from(insert),
    ...file.subarray(start + numDeleted),
  ]);
}

function withHeader(file: Uint8Array, edit: (json: string) => string): Uint8Array {
  // A mutation before this one may have left no header to edit.
  if (file.length < LENGTH_BYTES) return file;
  const view = new DataView(file.buffer, file.byteOffset);
  const end = LENGTH_BYTES + Number(view.getBigUint64(0, true));
  if (end > file.length) return file;
  const json = new TextDecoder().decode(file.subarray(LENGTH_BYTES, end));
  const edited = new TextEncoder().encode(edit(json));
  const result = spliced(file, LENGTH_BYTES, end - LENGTH_BYTES, edited);
  new DataView(result.buffer).setBigUint64(0, BigInt(edited.length), true);
  return result;
}

const flip = fc.tuple(position, fc.integer({ min: 1, max: 255 })).map(
  ([part, mask]): Mutation =>
    (file) => {
      const result = Uint8Array.from(file);
      const index = at(part, file.length);
      if (index < file.length) result[index] = (result[index] as number) ^ mask;
      return result;
    },
);

const truncate = position.map(
  (part): Mutation =>
    (file) =>
      file.slice(0, at(part, file.length)),
);

const replaceBytes = fc
  .tuple(position, fc.nat({ max: 9 }), fc.uint8Array({ maxLength: 9 }))
  .map(([part, numDeleted, insert]): Mutation => {
    return (file) => spliced(file, at(part, file.length + 1), numDeleted, insert);
  });

const lengthField = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt(0n, 600n)).map(
  (length): Mutation =>
    (file) => {
      const result = Uint8Array.from(file);
      if (file.length >= LENGTH_BYTES) new DataView(result.buffer).setBigUint64(0, length, true);
      return result;
    },
);

/** A number, name, type or sign of the header becomes another. */
const TOKENS = /"[^"]*"|\d+|[{}[\],:]/g;
const replacement = fc.oneof(
  fc.nat({ max: 40 }).map(String),
  fc.constantFrom("-1", "1.5", "1e2", "9007199254740993", "null", "true", "{}", "[]", '""', ""),
  fc.constantFrom('"F32"', '"F16"', '"I32"', '"BOOL"', '"F64"', '"shape"', '"a"', '"__proto__"'),
  fc.constantFrom(",", "}", "]", "[0,", '"x":1,', "\\", "\u0000"),
);
const headerToken = fc.tuple(position, replacement).map(
  ([part, token]): Mutation =>
    (file) =>
      withHeader(file, (json) => {
        const tokens = [...json.matchAll(TOKENS)];
        const chosen = tokens[at(part, tokens.length)];
        if (!chosen) return json;
        return json.slice(0, chosen.index) + token + json.slice(chosen.index + chosen[0].length);
      }),
);

/** Of two tensors one gets the other's place, type or shape; JSON stays JSON. */
const headerSwap = fc
  .tuple(position, position, fc.constantFrom("dtype", "shape", "data_offsets"))
  .map(
    ([one, other, field]): Mutation =>
      (file) =>
        withHeader(file, (json) => {
          try {
            const header = JSON.parse(json);
            const names = Object.keys(header);
            const a = header[names[at(one, names.length)] as string];
            const b = header[names[at(other, names.length)] as string];
            [a[field], b[field]] = [b[field], a[field]];
            return JSON.stringify(header);
          } catch {
            return json;
          }
        }),
  );

/** A file after one to three such damages. */
export function damaged(file: Uint8Array): fc.Arbitrary<Uint8Array> {
  const mutation = fc.oneof(flip, truncate, replaceBytes, lengthField, headerToken, headerSwap);
  return fc
    .array(mutation, { minLength: 1, maxLength: 3 })
    .map((steps) => steps.reduce((result, step) => step(result), file));
}
