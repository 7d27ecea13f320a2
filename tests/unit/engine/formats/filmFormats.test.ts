import { afterEach, describe, expect, it, vi } from "vitest";
import { codecFreeFilms, encodableFilms } from "../../../../src/engine/formats/filmFormats.ts";

const SIZE = { width: 280, height: 300 };

/** A browser that encodes what `isSupported` says; asked about what it has never heard of it throws. */
function browserThat(isSupported: (codec: string) => boolean | null) {
  const isConfigSupported = vi.fn(async ({ codec }: VideoEncoderConfig) => {
    const supported = isSupported(codec);
    if (supported === null) throw new TypeError("Unknown codec.");
    return { supported };
  });
  vi.stubGlobal("VideoEncoder", { isConfigSupported });
  return isConfigSupported;
}

afterEach(() => void vi.unstubAllGlobals());

/** Those that every browser makes. */
const FREE = codecFreeFilms();

describe("the films that a browser makes", () => {
  it("have no codec where it has no encoder", async () => {
    expect(FREE).toContain("gif");
    expect(await encodableFilms(SIZE)).toEqual(FREE);
  });

  it.each<[string, (codec: string) => boolean | null, string[]]>([
    ["all", () => true, ["mp4", "webm"]],
    ["none", () => false, []],
    ["H.264 alone", (codec) => codec.startsWith("avc1"), ["mp4"]],
    ["VP8 alone, and has never heard of others", (codec) => codec === "vp8" || null, ["webm"]],
  ])("are those that it has a codec for: %s", async (_, isSupported, formats) => {
    const asked = browserThat(isSupported);
    expect((await encodableFilms(SIZE)).sort()).toEqual([...FREE, ...formats].sort());
    for (const [config] of asked.mock.calls) expect(config).toMatchObject(SIZE);
  });
});
