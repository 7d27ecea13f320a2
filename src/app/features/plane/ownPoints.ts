/** Points that a person draws, as the setting has them: x and y in hundredths, and the class, one after the other. */
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { IMAGE_SIZE } from "../../../engine/config/hyperparameters.ts";
import { PLANE_EDGE } from "../../../engine/data/plane.ts";
import { MAX_OWN_POINTS } from "../../../engine/data/pointSets.ts";

/** From a point that is drawn to the next, in hundredths. */
const MIN_DISTANCE = 8;

/**
 * With one more point, unless that lies outside of the picture, one of its class lies there already, or there are as many as
 * can be. The single point that stands for none is replaced.
 */
export function withOwnPoint(
  config: RunConfig,
  place: readonly [number, number],
  label: number,
): RunConfig {
  // The pointer is followed beyond the edge.
  if (place.some((value) => Math.abs(value) > PLANE_EDGE)) return config;
  const [x, y] = place.map((value) => Math.round(100 * value)) as [number, number];
  const before = isCleared(config.ownPoints) ? [] : config.ownPoints;
  if (before.length >= 3 * MAX_OWN_POINTS) return config;
  for (let i = 0; i < before.length; i += 3) {
    const [otherX, otherY, of] = before.slice(i, i + 3) as [number, number, number];
    if (of === label && Math.hypot(otherX - x, otherY - y) < MIN_DISTANCE) return config;
  }
  return { ...config, ownPoints: [...before, x, y, label] };
}

/** A set of points cannot be empty: one in the middle stands for none. */
function isCleared(points: readonly number[]): boolean {
  return String(points) === "0,0,0";
}

/** From the middle to the edge of an image, in hundredths of the plane. */
const INK_EDGE = 260;
/** The least brightness of ink, of 255. */
const MIN_BRIGHTNESS = 110;

/** The bright pixels of an image as points of one class, at most as many as can be, evenly chosen. */
export function inkPoints(pixels: Uint8Array): number[] {
  const bright = [...pixels.keys()].filter((i) => (pixels[i] as number) >= MIN_BRIGHTNESS);
  const every = Math.max(1, Math.ceil(bright.length / MAX_OWN_POINTS));
  const middle = (IMAGE_SIZE - 1) / 2;
  const scale = INK_EDGE / (IMAGE_SIZE / 2);
  return bright
    .filter((_, i) => i % every === 0)
    .flatMap((i) => [
      Math.round(scale * ((i % IMAGE_SIZE) - middle)),
      Math.round(scale * (middle - Math.floor(i / IMAGE_SIZE))),
      0,
    ]);
}
