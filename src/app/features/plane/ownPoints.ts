/** Points that a person draws, as the setting has them: x and y in hundredths, and the class, one after the other. */
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { IMAGE_SIZE } from "../../../engine/config/hyperparameters.ts";
import { MAX_OWN_POINTS } from "../../../engine/data/pointSets.ts";

/** From a point that is drawn to the next, in hundredths. */
const MIN_DISTANCE = 8;

/** With one more point, unless there are as many as can be, or one of its class lies there already. The one at the start makes room. */
export function withOwnPoint(
  config: RunConfig,
  place: readonly [number, number],
  label: number,
): RunConfig {
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

/** Of this edge of the plane an image fills so much, in hundredths. */
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
