let noise = new Uint8Array();

/** What sampling starts from: x_T in [-1, 1], clipped, as gray values. The same at every call. */
export function gaussianNoise(numPixels: number): Uint8Array {
  if (noise.length < numPixels) noise = Uint8Array.from({ length: numPixels }, gaussianGray);
  return noise.subarray(0, numPixels);
}

function gaussianGray(): number {
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  const normal = radius * Math.cos(2 * Math.PI * Math.random());
  return Math.min(255, Math.max(0, Math.round(127.5 * (normal + 1))));
}
