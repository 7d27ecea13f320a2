/** Per channel: some protected browsers change pixels by so little that the picture is fine. */
const TOLERANCE = 8;
const SIZE = 8;

/**
 * To be asked before a canvas is made a file: Firefox' `privacy.resistFingerprinting` and the like let
 * pages draw, and give them random pixels in place of what they drew.
 *
 * @throws Error, in words for the person, where the browser does that
 */
export function requireReadableCanvas(): void {
  const canvas = new OffscreenCanvas(SIZE, SIZE);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas to draw on.");
  // Half of it, and a gray: no browser makes up just that.
  context.fillStyle = "rgb(96, 96, 96)";
  context.fillRect(0, 0, SIZE, SIZE / 2);
  const { data } = context.getImageData(0, 0, SIZE, SIZE);
  const isAsDrawn = data.every((value, i) => {
    const isInUpperHalf = i < data.length / 2;
    const drawn = isInUpperHalf ? (i % 4 === 3 ? 255 : 96) : 0;
    return Math.abs(value - drawn) <= TOLERANCE;
  });
  if (isAsDrawn) return;
  throw new Error(
    "This browser protects you from being recognized: it gives the page random dots instead of the picture. Allow this page to read canvas data, or use another browser. In Firefox and Tor Browser, click the icon in the address bar, then reload the page.",
  );
}
