/** The classifier in plain JavaScript and float64, written from the names and shapes in its file alone. */
import type { TorchTensor } from "../../../../src/engine/nn/stateDict.ts";

type StateDict = ReadonlyMap<string, Pick<TorchTensor, "shape" | "values">>;

/** Channels first, as in PyTorch. */
interface Image {
  channels: number;
  size: number;
  /** `[channels, size, size]`. */
  values: Float64Array;
}

export interface PlainOutputs {
  features: number[];
  probabilities: number[];
}

/** @param pixels 0 to 255, `[784]` */
export function plainClassifier(stateDict: StateDict, pixels: ArrayLike<number>): PlainOutputs {
  const values = Float64Array.from(pixels, (pixel) => (pixel / 255) * 2 - 1);
  let x = unshuffled({ channels: 1, size: 28, values });
  x = block(stateDict, "block1", x);
  x = block(stateDict, "block2", x);
  x = block(stateDict, "down", unshuffled(x));
  x = block(stateDict, "block3", x);
  const numPositions = x.size ** 2;
  const features = Array.from({ length: x.channels }, (_, channel) =>
    x.values
      .subarray(channel * numPositions, (channel + 1) * numPositions)
      .reduce((sum, value) => sum + value / numPositions, 0),
  );
  const weight = tensorOf(stateDict, "to_logits.weight");
  const bias = tensorOf(stateDict, "to_logits.bias");
  const powers = Array.from(bias.values, (offset, digit) => {
    const row = digit * features.length;
    return Math.exp(features.reduce((sum, f, i) => sum + f * at(weight.values, row + i), offset));
  });
  const total = powers.reduce((sum, power) => sum + power);
  return { features, probabilities: powers.map((power) => power / total) };
}

function tensorOf(stateDict: StateDict, name: string) {
  const tensor = stateDict.get(name);
  if (!tensor) throw new Error(`There is no ${name}.`);
  return tensor;
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] as number;
}

/** Channel 4 c + 2 row + column is that place of the squares of channel c. */
function unshuffled({ channels, size, values }: Image): Image {
  const half = size / 2;
  const out = new Float64Array(values.length);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const channel = 4 * c + 2 * (y % 2) + (x % 2);
        const place = (channel * half + (y >> 1)) * half + (x >> 1);
        out[place] = at(values, (c * size + y) * size + x);
      }
  return { channels: 4 * channels, size: half, values: out };
}

/** Convolution that keeps the size, RMSNorm over the channels, SiLU. */
function block(stateDict: StateDict, name: string, image: Image): Image {
  const out = convolution(stateDict, `${name}.conv`, image);
  const gain = tensorOf(stateDict, `${name}.norm.g`).values;
  const numPositions = out.size ** 2;
  for (let position = 0; position < numPositions; position++) {
    const places = Array.from(gain, (_, channel) => channel * numPositions + position);
    const squares = places.reduce((sum, place) => sum + at(out.values, place) ** 2, 0);
    places.forEach((place, channel) => {
      const v = (at(out.values, place) / Math.sqrt(squares / gain.length)) * at(gain, channel);
      out.values[place] = v / (1 + Math.exp(-v));
    });
  }
  return out;
}

function convolution(stateDict: StateDict, name: string, { size, values }: Image): Image {
  const weight = tensorOf(stateDict, `${name}.weight`);
  const [numOut = 0, numIn = 0, kernelSize = 0] = weight.shape;
  const pad = (kernelSize - 1) / 2;
  const out = new Float64Array(numOut * size * size);
  tensorOf(stateDict, `${name}.bias`).values.forEach((offset, o) => {
    out.fill(offset, o * size * size, (o + 1) * size * size);
  });
  weight.values.forEach((w, k) => {
    const down = (Math.floor(k / kernelSize) % kernelSize) - pad;
    const right = (k % kernelSize) - pad;
    const input = Math.floor(k / kernelSize ** 2) % numIn;
    const output = Math.floor(k / kernelSize ** 2 / numIn);
    for (let y = Math.max(0, -down); y < size - Math.max(0, down); y++) {
      const to = (output * size + y) * size;
      const from = (input * size + y + down) * size + right;
      for (let x = Math.max(0, -right); x < size - Math.max(0, right); x++) {
        out[to + x] = at(out, to + x) + w * at(values, from + x);
      }
    }
  });
  return { channels: numOut, size, values: out };
}
