import { describe, expect, it, vi } from "vitest";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import { DTYPES, type Dtype } from "../../../../src/engine/formats/safetensors/dtypes.ts";
import {
  decodeSafetensors,
  withinMemory,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { safetensorsFile } from "./safetensorsFile.ts";

/** What reading says of a file that must be refused. */
function refusal(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    return (error as FormatError).message;
  }
  throw new Error("The file was read.");
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const EIGHT_BYTES = new Uint8Array(8);
const entry = (changes: object = {}) => ({
  dtype: "F32",
  shape: [2],
  data_offsets: [0, 8],
  ...changes,
});
const refusalOfEntry = (changes: object) =>
  refusal(safetensorsFile({ w: entry(changes) }, EIGHT_BYTES));

describe("a file that is not safetensors is refused", () => {
  it("when it is empty or shorter than a header length", () => {
    expect(refusal(new Uint8Array())).toMatch(/empty/);
    expect(refusal(new Uint8Array(7))).toMatch(
      /got one of only 7 bytes\. Choose a \.safetensors file/,
    );
    expect(refusal(new Uint8Array(1))).toMatch(/only 1 byte\./);
  });

  it.each([
    ["an image", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", /PNG/],
    ["a web page", "<!DOCTYPE html><html></html>", /web page/],
    ["a web page that has moved", "\n <html>404 Not Found</html>", /web page/],
    ["what torch.save writes", "PK\x03\x04\0\0\x08\x08\0\0\0\0archive/data.pkl", /save_file/],
    ["what torch.save wrote before", "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", /save_file/],
    ["a pickle of today", "\x80\x04\x95\0\x05\0\0\0\0\0\0}\x94(", /save_file/],
    ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid", /git lfs pull/],
    ["an image, so that another has to be chosen", "GIF89a", /image \(GIF\)\. Choose a \.safet/],
    ["a text", "step,loss\n1,0.5\n", /got a text file\. Choose a \.safetensors file/],
    ["a text with a character that is cut off", `${"a".repeat(63)}\xc3\xa4`, /a text file/],
    ["JSON", '{"dim": 8, "dimMults": [1, 2]}', /JSON/],
  ])("with a hint when it is %s", (_, start, hint) => {
    const message = refusal(latin1(start));
    expect(message).toMatch(/^Expected a safetensors file, got .+\. [A-Z].+\.$/);
    expect(message).toMatch(hint);
    // Other formats' bytes make no sense as a header's length.
    expect(message).not.toMatch(/\d bytes/);
  });

  it("and is not called a text when its bytes are none", () => {
    expect(refusal(latin1("\x01\x02abcdefghijk"))).toMatch(/another kind of file/);
    expect(refusal(latin1("abcdefg\xff\xfe\xff"))).toMatch(/another kind of file/);
  });

  it("when it ends where the header begins, or its header is longer than any", () => {
    expect(refusal(safetensorsFile("", [], 2))).toMatch(/expected 2 bytes of header, got 0/);
    expect(refusal(safetensorsFile({}, [], 100_000_000))).toMatch(/truncated/);
    expect(refusal(safetensorsFile({}, [], 100_000_001))).toMatch(/another kind of file/);
  });

  it("when its first byte is some format's by chance, by what is wrong with it", () => {
    expect(refusal(safetensorsFile("[]"))).toMatch(/does not begin with "\{"/);
  });
});

describe("a damaged header is refused", () => {
  it("when it is longer than the file or than 100 MB", () => {
    expect(refusal(safetensorsFile({}, [], 1000))).toMatch(/expected 1,000 bytes of header, got 2/);
    expect(refusal(safetensorsFile({}, [], 100_000_001))).toMatch(/100,000,001 bytes/);
    expect(refusal(safetensorsFile({}, [], 2n ** 64n - 1n))).toMatch(/18,446,744,073,709,551,615/);
  });

  it("when it is not UTF-8 or not JSON", () => {
    const bytes = safetensorsFile({ w: entry() }, EIGHT_BYTES);
    bytes[10] = 0xff;
    expect(refusal(bytes)).toMatch(/not JSON in UTF-8/);
    expect(refusal(safetensorsFile('{"w": '))).toMatch(/not JSON/);
    expect(refusal(safetensorsFile("{}", [], 0))).toMatch(/not JSON/);
    expect(refusal(safetensorsFile(`{"w":${"[".repeat(100_000)}`))).toMatch(/not JSON/);
  });

  it.each([
    ["nested in each of its 40 MB", "[".repeat(40_000_000)],
    ["of millions of lists beside each other", `[${"[],".repeat(5_000_000)}0]`],
  ])("when it is %s, before that takes memory", (_, value) => {
    const parse = vi.spyOn(JSON, "parse");
    expect(refusal(safetensorsFile(`{"w":${value}`))).toMatch(/more parts than any network has/);
    expect(parse).not.toHaveBeenCalled();
  });

  it("when it has two tensors of one name, of which only the last would be read", () => {
    const [a, b] = [JSON.stringify(entry()), JSON.stringify(entry({ data_offsets: [8, 16] }))];
    const data = new Uint8Array(16);
    expect(refusal(safetensorsFile(`{"w":${a},"w":${b}}`, data))).toMatch(/"w".* leave a gap/);
    expect(refusal(safetensorsFile(`{"w":${b},"w":${a}}`, data))).toMatch(/goes on after its end/);
  });

  it("when metadata are not texts", () => {
    expect(refusal(safetensorsFile({ __metadata__: { epochs: 3 } }))).toMatch(/"epochs"/);
    expect(refusal(safetensorsFile({ __metadata__: ["a"] }))).toMatch(/metadata/);
    for (const metadata of [null, 5, "text"]) {
      expect(refusal(safetensorsFile({ __metadata__: metadata }))).toMatch(/metadata/);
    }
  });
});

describe("a wrong tensor is refused and named", () => {
  it.each([
    ["that is no object", 3],
    ["that is a list", []],
    ["that is null", null],
    ["without a shape", { dtype: "F32", data_offsets: [0, 8] }],
    ["with a field more", entry({ strides: [1] })],
  ])("%s", (_, value) => {
    expect(refusal(safetensorsFile({ w: value }, EIGHT_BYTES))).toMatch(
      /^Tensor "w": expected dtype, shape and data_offsets/,
    );
  });

  it.each(["U64", "U16", "F8_E4M3", "constructor"])("with values of type %s", (dtype) => {
    const message = refusalOfEntry({ dtype });
    expect(message).toMatch(/^Tensor "w": expected values of type F32, F16,/);
    expect(message).toContain(`got "${dtype}"`);
  });

  it("with a type that is no text", () => {
    expect(refusalOfEntry({ dtype: 32 })).toMatch(
      /^Tensor "w": expected values of type .*, got 32\./,
    );
  });

  it.each([[-2], [1.5], ["2"], [2 ** 53], 2, null].map((shape) => [JSON.stringify(shape), shape]))(
    "of shape %s",
    (_, shape) => {
      expect(refusalOfEntry({ shape })).toMatch(/^Tensor "w": its shape/);
    },
  );

  it.each([[[0]], [[0, 8, 8]], [[8, 0]], [[-8, 0]], [["0", "8"]], ["0,8"]])(
    "with the offsets %j",
    (offsets) => {
      expect(refusalOfEntry({ data_offsets: offsets })).toMatch(/^Tensor "w": its data_offsets/);
    },
  );

  it("when shape and bytes disagree, however large the shape", () => {
    expect(refusalOfEntry({ shape: [3] })).toMatch(/expected 12 bytes for F32 .*\[3\], got 8/);
    expect(refusalOfEntry({ dtype: "F16" })).toMatch(/expected 4 bytes/);
    expect(refusalOfEntry({ shape: Array(99).fill(2 ** 50) })).toMatch(/∞.*99 axes.*got 8/);
  });

  it("when its bytes overlap another's or leave a gap", () => {
    const two = (begin: number) =>
      safetensorsFile(
        { v: entry(), w: entry({ data_offsets: [begin, begin + 8] }) },
        new Uint8Array(begin + 8),
      );
    expect(decodeSafetensors(two(8)).tensors.size).toBe(2);
    expect(refusal(two(4))).toMatch(/"w": expected .* at 8, got 4.*overlap/);
    expect(refusal(two(0))).toMatch(/overlap/);
    expect(refusal(two(12))).toMatch(/"w": expected .* at 8, got 12.*gap/);
  });

  it("when it holds an integer that is no number's", () => {
    const header = { step: { dtype: "I64", shape: [1], data_offsets: [0, 8] } };
    const data = [0, 0, 0, 0, 0, 0, 0x20, 0];
    expect(refusal(safetensorsFile(header, data))).toMatch(/"step".*9007199254740992/);
  });

  it("by a name that is shortened when it fills pages", () => {
    const message = refusal(safetensorsFile({ ["w".repeat(100_000)]: 3 }));
    expect(message).toMatch(/^Tensor "w+…": expected/);
    expect(message.length).toBeLessThan(300);
  });
});

describe("a file of another length than its header says is refused", () => {
  const header = { w: entry() };
  const start = safetensorsFile(header).length;

  it("when it is truncated", () => {
    expect(refusal(safetensorsFile(header, new Uint8Array(5)))).toMatch(
      new RegExp(`truncated: expected ${start + 8} bytes, got ${start + 5}`),
    );
  });

  it("when more follows", () => {
    expect(refusal(safetensorsFile(header, new Uint8Array(9)))).toMatch(
      new RegExp(`expected ${start + 8} bytes, got ${start + 9}`),
    );
  });
});

it("what fails for want of memory is refused with the size of the file, and its cause", () => {
  const cause = new RangeError("Array buffer allocation failed");
  const read = () =>
    withinMemory(1234, () => {
      throw cause;
    });
  expect(read).toThrow(FormatError);
  expect(read).toThrow(expect.objectContaining({ message: expect.stringMatching(/1,234/), cause }));
});

it("weights may be of a float of at most 32 bits: float64 would be rounded", () => {
  const types = Object.keys(DTYPES) as Dtype[];
  expect(types.filter((type) => DTYPES[type].isFloat)).toEqual(["F32", "F16", "BF16"]);
});
