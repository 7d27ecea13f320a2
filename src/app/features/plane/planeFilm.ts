/** A film of the plane over all times of what is drawn. The formats of films are gray, and so are its colors. */
import { requireReadableCanvas } from "../../shared/images/readableCanvas.ts";
import { type PlaneColors, type PlaneScene, paintPlane } from "./planePicture.ts";

/** Pixels along each side; even, as videos have to be. */
const FILM_SIZE = 540;
/** Frames, which take four seconds, as in the view. */
const NUM_FRAMES = 120;
const FRAME_MS = 4000 / NUM_FRAMES;
/** Where a film ends, before it begins again. */
const END_MS = 1200;

/** Light is where more points lie than in the data, black where fewer: the ground is in between. */
const COLORS: PlaneColors = {
  text: "#d0d0d0",
  ground: "#303030",
  data: ["#b0b0b0", "#808080", "#d8d8d8", "#686868"],
  particles: "#ffffff",
  exact: "#909090",
  more: "#a0a0a0",
  fewer: "#000000",
  error: "#787878",
  oneStep: "#ffffff",
  before: "#585858",
};

interface PlaneFilmFrame {
  /** From 0, the beginning, to 1. */
  time: number;
  durationMs: number;
}

export const FILM_FRAMES: readonly PlaneFilmFrame[] = Array.from(
  { length: NUM_FRAMES },
  (_, i) => ({
    time: i / (NUM_FRAMES - 1),
    durationMs: i === NUM_FRAMES - 1 ? END_MS : FRAME_MS,
  }),
);

export const PLANE_FILM = { width: FILM_SIZE, height: FILM_SIZE };

/**
 * @param sceneAt what is seen at a time in [0, 1]
 * @returns a function that paints a frame, `[FILM_SIZE, FILM_SIZE]`, 0 black to 255 white
 * @throws Error where the browser lets no canvas be read
 */
export function planeFilmPainter(sceneAt: (time: number) => PlaneScene) {
  requireReadableCanvas();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, PLANE_FILM);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("The browser gives no canvas to draw on.");
  return ({ time }: PlaneFilmFrame): Uint8Array<ArrayBuffer> => {
    paintPlane(context, FILM_SIZE, sceneAt(time), COLORS);
    const { data } = context.getImageData(0, 0, FILM_SIZE, FILM_SIZE);
    return Uint8Array.from({ length: FILM_SIZE ** 2 }, (_, i) => data[4 * i] as number);
  };
}
