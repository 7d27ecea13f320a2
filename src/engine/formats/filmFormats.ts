/** The table of film formats, for the menu. An entry's encoder is in `pictures/`, and loaded when it is needed. */
import type { FilmEncoder, FilmSize } from "./pictures/filmEncoder.ts";

interface FilmFormatEntry {
  label: string;
  help: string;
  /**
   * WebCodecs names of the codecs it can use, each at a level for 4096 x 2304 pixels; the browser has to
   * encode at least one. Null if it needs none.
   */
  codecs: readonly string[] | null;
  encoder(size: FilmSize): Promise<FilmEncoder>;
}

export const FILM_FORMATS = {
  gif: {
    label: "GIF film",
    help: "plays anywhere",
    codecs: null,
    encoder: async (size) => (await import("./pictures/gifFilm.ts")).gifFilm(size),
  },
  mp4: {
    label: "MP4 film",
    help: "a smaller file, for slides and phones",
    // H.264.
    codecs: ["avc1.640033"],
    encoder: async (size) => (await import("./pictures/videoFilm.ts")).videoFilm("mp4", size),
  },
  webm: {
    label: "WebM film",
    help: "a smaller file, for the web",
    // VP9, VP8, AV1.
    codecs: ["vp09.00.51.08", "vp8", "av01.0.13M.08"],
    encoder: async (size) => (await import("./pictures/videoFilm.ts")).videoFilm("webm", size),
  },
} as const satisfies Record<string, FilmFormatEntry>;

/** The id of a format, which is also the extension of its files. */
export type FilmFormat = keyof typeof FILM_FORMATS;

const entries = () => Object.entries(FILM_FORMATS) as [FilmFormat, FilmFormatEntry][];

/** The formats that every browser can make. */
export function codecFreeFilms(): FilmFormat[] {
  return entries().flatMap(([id, { codecs }]) => (codecs ? [] : [id]));
}

/** The formats that this browser can make in a size. Does not load the encoders. */
export async function encodableFilms(size: FilmSize): Promise<FilmFormat[]> {
  const formats = entries().map(async ([id, { codecs }]): Promise<FilmFormat[]> => {
    const answers = codecs?.map((codec) => isEncodable({ codec, ...size })) ?? [true];
    return (await Promise.all(answers)).includes(true) ? [id] : [];
  });
  return (await Promise.all(formats)).flat();
}

/** False as well when it throws, as it does without WebCodecs or for an unknown codec. */
async function isEncodable(config: VideoEncoderConfig): Promise<boolean> {
  try {
    return (await VideoEncoder.isConfigSupported(config)).supported === true;
  } catch {
    return false;
  }
}
