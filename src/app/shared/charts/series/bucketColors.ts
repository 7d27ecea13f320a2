/**
 * Part of viridis, which the color-blind see as a scale from dark to light: without its lightest on
 * light ground, without its darkest on dark.
 */
const ON_LIGHT = ["#440154", "#3b528b", "#21808d", "#2a9d6f", "#7a9a1f"];
const ON_DARK = ["#7d6fd0", "#5aa0d8", "#35b8a8", "#7fd34e", "#fde725"];

/** The color of a part of [0, T), from t = 0 up. */
export function bucketColor(bucket: number, numBuckets: number): string {
  const place = numBuckets > 1 ? bucket / (numBuckets - 1) : 0;
  return `light-dark(${between(ON_LIGHT, place)}, ${between(ON_DARK, place)})`;
}

/** @param place in [0, 1] */
function between(colors: readonly string[], place: number): string {
  const at = place * (colors.length - 1);
  const low = Math.min(Math.floor(at), colors.length - 2);
  const [from, to] = [colors[low] as string, colors[low + 1] as string];
  const channel = (color: string, i: number) =>
    Number.parseInt(color.slice(1 + 2 * i, 3 + 2 * i), 16);
  const mixed = [0, 1, 2].map((i) => {
    const [a, b] = [channel(from, i), channel(to, i)];
    return Math.round(a + (b - a) * (at - low))
      .toString(16)
      .padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}
