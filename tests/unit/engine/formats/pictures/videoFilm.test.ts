import {
  BufferSource,
  CustomVideoEncoder,
  EncodedPacket,
  EncodedPacketSink,
  Input,
  registerEncoder,
  type VideoCodec,
  type VideoSample,
  WEBM,
} from "mediabunny";
import { beforeAll, describe, expect, it } from "vitest";
import { videoFilm } from "../../../../../src/engine/formats/pictures/videoFilm.ts";

/** Whether the browser that is played takes a quality for each frame. Each has a size of its own, since what it encodes is asked once. */
let takesQuality = true;

/** Encodes a frame as the brightness of its first pixel. */
class FirstPixel extends CustomVideoEncoder {
  static override supports(codec: VideoCodec, config: VideoEncoderConfig) {
    const isAsked = config.bitrateMode === "quantizer";
    return (codec === "vp8" && !isAsked) || (codec === "vp9" && (!isAsked || takesQuality));
  }
  init() {}
  async encode(sample: VideoSample) {
    const pixels = new Uint8Array(sample.allocationSize());
    await sample.copyTo(pixels);
    const { codec, width, height } = this.config;
    this.onPacket(new EncodedPacket(pixels.slice(0, 1), "key", sample.timestamp, sample.duration), {
      decoderConfig: { codec, codedWidth: width, codedHeight: height },
    });
  }
  flush() {}
  close() {}
}

beforeAll(() => registerEncoder(FirstPixel));

/** A film of two frames that are seen for 160 and 1200 ms: its codec, and when which brightness comes. */
async function framesOf(width: number) {
  const film = await videoFilm("webm", { width, height: 20 });
  for (const [gray, durationMs] of [
    [0, 160],
    [255, 1200],
  ] as const) {
    await film.add(new Uint8Array(width * 20).fill(gray), durationMs);
  }
  const input = new Input({ source: new BufferSource(await film.finish()), formats: [WEBM] });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error("The film has no video.");
  const frames: [ms: number, brightness: number | undefined][] = [];
  for await (const { timestamp, data } of new EncodedPacketSink(track).packets()) {
    frames.push([Math.round(1000 * timestamp), data[0]]);
  }
  return { codec: track.codec, frames };
}

describe("a film as WebM", () => {
  it("is VP9, the last frame twice, which is seen until it comes again", async () => {
    takesQuality = true;
    expect(await framesOf(40)).toEqual({
      codec: "vp9",
      frames: [
        [0, 16],
        [160, 235],
        [1360, 235],
      ],
    });
  });

  it("is VP8 where VP9 takes no quality, each frame with a copy that smears nothing of the one before", async () => {
    takesQuality = false;
    expect(await framesOf(60)).toEqual({
      codec: "vp8",
      frames: [
        [0, 16],
        [1, 16],
        [160, 235],
        [161, 235],
        [1360, 235],
      ],
    });
  });
});
