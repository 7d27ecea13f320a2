import {
  BufferTarget,
  getFirstEncodableVideoCodec,
  Mp4OutputFormat,
  Output,
  Quality,
  type VideoCodec,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from "mediabunny";
import type { FilmEncoder, FilmSize } from "./filmEncoder.ts";
import { FormatError } from "./formatError.ts";
import type { VideoFormat } from "./videoFormats.ts";

/** The first that the browser encodes is taken. */
const CODECS = {
  webm: ["vp9", "vp8", "av1"],
  mp4: ["avc"],
} as const satisfies Record<VideoFormat, VideoCodec[]>;

/**
 * A video, by the browser's own encoder (WebCodecs): WebM in VP9, else what of VP8 and AV1 it has, or
 * MP4 in H.264. The last frame of a WebM is there twice.
 *
 * @param size even numbers: its colours have half the resolution
 * @throws FormatError when the browser encodes none of them
 */
export async function videoFilm(format: VideoFormat, size: FilmSize): Promise<FilmEncoder> {
  const quality = new Quality("high");
  const codec = await getFirstEncodableVideoCodec([...CODECS[format]], { ...size, quality });
  if (!codec) {
    throw new FormatError("This browser encodes no video of this size. Save a GIF film instead.");
  }
  const target = new BufferTarget();
  const container =
    format === "webm" ? new WebMOutputFormat() : new Mp4OutputFormat({ fastStart: "in-memory" });
  const output = new Output({ format: container, target });
  const source = new VideoSampleSource({ codec, quality });
  output.addVideoTrack(source);
  await output.start();
  const image = i420Image(size);
  let timeMs = 0;
  const write = async (durationMs: number) => {
    const sample = new VideoSample(image.data, {
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
      image.write(pixels);
      await write(durationMs);
    },
    async finish() {
      // A frame of a WebM is seen until the next one: without another the last would be gone at once.
      if (format === "webm") await write(0);
      await output.finalize();
      if (!target.buffer) throw new Error("The video has no bytes.");
      return new Uint8Array(target.buffer);
    },
    cancel: () => output.cancel(),
  };
}

/**
 * Gray as players expect it: brightness in [16, 235] (ITU-R BT.601), without colour, which is 128
 * in two planes of half the size.
 */
function i420Image({ width, height }: FilmSize) {
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  const luma = Uint8Array.from({ length: 256 }, (_, gray) => Math.round(16 + (gray * 219) / 255));
  return {
    data,
    write(pixels: Uint8Array) {
      for (let i = 0; i < pixels.length; i++) data[i] = luma[pixels[i] as number] as number;
    },
  };
}
