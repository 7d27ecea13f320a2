/**
 * Random numbers as a pure function of seed, stream and position.
 *
 * The generator is Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as
 * easy as 1, 2, 3"). It has no hidden state: seed and position suffice to continue a run, or to compute
 * any single number of a batch on any backend.
 */

/** What the numbers are used for. Numbers of different streams are independent. */
export const STREAMS = {
  weights: 1,
  shuffle: 2,
  timesteps: 3,
  noise: 4,
  validationNoise: 5,
  sampling: 6,
  offsetNoise: 7,
  selfCondition: 8,
  dropout: 9,
  validationTimesteps: 10,
  freshValidationNoise: 11,
  interpolation: 12,
  shifts: 13,
  sampleGroups: 14,
  labelDropout: 15,
  timestepNormals: 16,
  likelihood: 17,
  filling: 18,
  points: 19,
  augmentation: 20,
  replay: 21,
} as const;

/** A sequence of independent numbers; `index` is, for example, the training step. */
export interface RandomKey {
  seed: number;
  stream: keyof typeof STREAMS;
  index: number;
}

/** More images than one batch has, so that no two draws share a key. */
const MAX_BATCH = 1024;

/**
 * The key of the noise that a sampler adds to an image of a batch at a step; step 0 is x_T.
 *
 * @param of.stream `filling` for what is added to the known part of an image, or when a part of the way is walked again
 */
export function samplingKey(of: {
  seed: number;
  image: number;
  step: number;
  stream?: "sampling" | "filling";
}): RandomKey {
  const { seed, image, step, stream = "sampling" } = of;
  return { seed, stream, index: step * MAX_BATCH + image };
}

/**
 * The seed of one of several batches that are drawn from a single seed, in [0, 2^32). The first batch has
 * that seed itself; the others are hashed, so that consecutive seeds share no batch.
 */
export function groupSeed(seed: number, group: number): number {
  return group === 0 ? seed : subKey({ seed, stream: "sampleGroups", index: group })[0];
}

/** The key of the noise for two images to interpolate between, one after the other. */
export function pairNoiseKey(seed: number): RandomKey {
  return { seed, stream: "interpolation", index: 0 };
}

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** Two pseudorandom 32-bit words for a 64-bit key and a 64-bit counter (Salmon et al. 2011, 3.2). */
export function threefry2x32(
  key: readonly [number, number],
  counter: readonly [number, number],
): [number, number] {
  const keys = [key[0], key[1], 0x1bd11bda ^ key[0] ^ key[1]] as const;
  let x0 = (counter[0] + keys[0]) | 0;
  let x1 = (counter[1] + keys[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = ROTATIONS[round % 8] as number;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = (x0 + (keys[injection % 3] as number)) | 0;
      x1 = (x1 + (keys[(injection + 1) % 3] as number) + injection) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** The generator's key for a (seed, stream, index), so that different keys share no numbers. */
export function subKey({ seed, stream, index }: RandomKey): [number, number] {
  const counter = [index | 0, Math.floor(index / 2 ** 32)] as const;
  return threefry2x32([seed | 0, STREAMS[stream]], counter);
}

/** `length` words of 32 bits: word 2 i and 2 i + 1 are the generator's output for the counter i. */
function randomWords(key: RandomKey, length: number): Uint32Array {
  const words = new Uint32Array(length + (length % 2));
  const own = subKey(key);
  for (let i = 0; i < words.length; i += 2) {
    const [a, b] = threefry2x32(own, [i >>> 1, 0]);
    words[i] = a;
    words[i + 1] = b;
  }
  return words.subarray(0, length);
}

/** `length` numbers uniform in (0, 1), odd multiples of 2^-24. */
export function randomUniforms(key: RandomKey, length: number): Float32Array<ArrayBuffer> {
  const words = randomWords(key, length);
  const uniforms = new Float32Array(length);
  // A loop is several times as fast as `from`, and a network has millions of initial values.
  for (let i = 0; i < length; i++) uniforms[i] = toUnitInterval(words[i] as number);
  return uniforms;
}

/** `length` standard normal numbers (Box and Muller 1958); none beyond 5.8. */
export function randomNormals(key: RandomKey, length: number): Float32Array<ArrayBuffer> {
  const words = randomWords(key, length + (length % 2));
  const normals = new Float32Array(words.length);
  for (let i = 0; i < words.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(toUnitInterval(words[i] as number)));
    const angle = 2 * Math.PI * toUnitInterval(words[i + 1] as number);
    normals[i] = radius * Math.cos(angle);
    normals[i + 1] = radius * Math.sin(angle);
  }
  return normals.subarray(0, length);
}

/** `length` integers uniform in [0, bound). */
export function randomIntegers(
  key: RandomKey,
  length: number,
  bound: number,
): Int32Array<ArrayBuffer> {
  return Int32Array.from(randomWords(key, length), (word) => Math.floor((word / 2 ** 32) * bound));
}

/** The integers 0 to length - 1 in random order (Fisher and Yates). */
export function randomPermutation(key: RandomKey, length: number): Uint32Array<ArrayBuffer> {
  const words = randomWords(key, length);
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(((words[i] as number) / 2 ** 32) * (i + 1));
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

/**
 * The indices of two of at least two images, chosen by the seed: with different labels unless all have the
 * same one.
 */
export function randomPair(seed: number, labels: Uint8Array): [number, number] {
  const order = randomPermutation({ seed, stream: "interpolation", index: 1 }, labels.length);
  const [first, second] = [order[0] as number, order[1] as number];
  return [first, order.find((place) => labels[place] !== labels[first]) ?? second];
}

/**
 * Maps a word to (0, 1): the center of the cell of its upper 23 bits. With 24 bits the center of the last
 * cell would be 1 in float32.
 */
function toUnitInterval(word: number): number {
  return ((word >>> 9) + 0.5) / 2 ** 23;
}
