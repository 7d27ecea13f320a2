import type { FilmSize } from "./filmEncoder.ts";

const VIDEO_FORMATS = ["webm", "mp4"] as const;
export type VideoFormat = (typeof VIDEO_FORMATS)[number];

/** Codecs as WebCodecs names them, each at a level for 4096 x 2304 pixels: VP9, VP8, AV1; H.264. */
const CODECS: Record<VideoFormat, readonly string[]> = {
  webm: ["vp09.00.51.08", "vp8", "av01.0.13M.08"],
  mp4: ["avc1.640033"],
};

/** The videos that this browser can make, asked without the code that makes them. */
export async function encodableVideos(size: FilmSize): Promise<VideoFormat[]> {
  const can = await Promise.all(
    VIDEO_FORMATS.map(async (format) => {
      const answers = CODECS[format].map((codec) => isEncodable({ codec, ...size }));
      return (await Promise.all(answers)).includes(true);
    }),
  );
  return VIDEO_FORMATS.filter((_, index) => can[index]);
}

/** Also false where it throws: without an encoder, or for a codec that the browser has never heard of. */
async function isEncodable(config: VideoEncoderConfig): Promise<boolean> {
  try {
    return (await VideoEncoder.isConfigSupported(config)).supported === true;
  } catch {
    return false;
  }
}
