import {
  BufferTarget,
  canEncodeVideo,
  getFirstEncodableVideoCodec,
  Mp4OutputFormat,
  Output,
  type OutputFormat,
  Quality,
  type VideoCodec,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from "mediabunny";
import { FormatError } from "../formatError.ts";
import type { FilmEncoder, FilmSize } from "./filmEncoder.ts";

interface VideoFormat {
  /** The first codec that the browser can encode is used. */
  codecs: VideoCodec[];
  /** The codecs to try where VP9 gets too few bits; null where VP9 is none of them. */
  codecsOfFewBits: VideoCodec[] | null;
  container(): OutputFormat;
}

const FORMATS = {
  webm: {
    codecs: ["vp9", "vp8", "av1"],
    codecsOfFewBits: ["vp8", "vp9", "av1"],
    container: () => new WebMOutputFormat(),
  },
  mp4: {
    codecs: ["avc"],
    codecsOfFewBits: null,
    container: () => new Mp4OutputFormat({ fastStart: "in-memory" }),
  },
} as const satisfies Record<string, VideoFormat>;
/** How long the first of two equal frames is shown. */
const DRAFT_MS = 1;
/** The brightness of each gray in the range that players expect, [16, 235] (ITU-R BT.601). */
const LUMA = Uint8Array.from({ length: 256 }, (_, gray) => Math.round(16 + (gray * 219) / 255));

/**
 * A video made by the browser's encoder (WebCodecs): WebM in VP9, VP8 or AV1, or MP4 in H.264. The last
 * frame is written twice.
 *
 * @param size even numbers, since colors have half the resolution
 * @throws FormatError when the browser has no encoder for it
 */
export async function videoFilm(
  format: keyof typeof FORMATS,
  size: FilmSize,
): Promise<FilmEncoder> {
  const quality = new Quality("high");
  // WebKitGTK ignores quality and bit rate: its frames of VP9 always have about 2 KB.
  const { codecs, codecsOfFewBits, container }: VideoFormat = FORMATS[format];
  const hasFewBits =
    codecsOfFewBits !== null &&
    !(await canEncodeVideo("vp9", { ...size, quality: new Quality({ quantizer: 30 }) }));
  const tried = hasFewBits ? codecsOfFewBits : codecs;
  const codec = await getFirstEncodableVideoCodec(tried, { ...size, quality });
  if (!codec) {
    throw new FormatError("This browser encodes no video of this size. Save a GIF film instead.");
  }
  const target = new BufferTarget();
  const output = new Output({ format: container(), target });
  const source = new VideoSampleSource({
    codec,
    quality,
    onEncoderConfig(config) {
      // Firefox doubles the first byte of each parameter set in the description that the format "avc" has;
      // for "annexb" mediabunny makes the description itself.
      if (config.avc) config.avc.format = "annexb";
    },
  });
  output.addVideoTrack(source);
  await output.start();
  // The color planes, of half the resolution, are 128 throughout: gray.
  const image = new Uint8Array((size.width * size.height * 3) / 2).fill(128);
  let timeMs = 0;
  const write = async (durationMs: number) => {
    const sample = new VideoSample(image, {
      format: "I420",
      codedWidth: size.width,
      codedHeight: size.height,
      timestamp: timeMs / 1000,
      duration: durationMs / 1000,
    });
    timeMs += durationMs;
    await source.add(sample);
    sample.close();
  };
  return {
    async add(pixels, durationMs) {
      for (let i = 0; i < pixels.length; i++) image[i] = LUMA[pixels[i] as number] as number;
      // Text of the frame before stays visible in the first copy, but not in a second one.
      if (hasFewBits) await write(DRAFT_MS);
      await write(hasFewBits ? durationMs - DRAFT_MS : durationMs);
    },
    async finish() {
      // In WebM a frame is shown until the next one, so the last would disappear at once without another.
      // In MP4 it has the duration from the encoder, which in Firefox may be that of another frame.
      await write(0);
      await output.finalize();
      if (!target.buffer) throw new Error("The video has no bytes.");
      return new Uint8Array(target.buffer);
    },
    cancel: () => output.cancel(),
  };
}
