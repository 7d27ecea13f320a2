/**
 * How a parameter lies in memory here and in a PyTorch `state_dict`. Each kind is a permutation of
 * the axes of some view of the PyTorch tensor.
 */
export type ParameterLayout =
  /** Convolution: OIHW there, HWIO here. */
  | "conv"
  /** 1x1 convolution after a pixel-unshuffle: input channels (c, row, column) there, (row, column, c) here. */
  | "unshuffledConv"
  /** Fully connected: `[out, in]` there, `[in, out]` here. */
  | "linear"
  /** RMSNorm's gain: `[1, C, 1, 1]` there, `[C]` here. */
  | "gain"
  /** Memory of linear attention: `[2, h, d, M]` there, `[2, h, M, d]` here. */
  | "linearMemory"
  /** The same on both sides. */
  | "same";

interface Permutation {
  torchShape: number[];
  /** The PyTorch tensor seen with more axes where one has to be split. */
  torchView: number[];
  /** Axis i here is axis `order[i]` of the view. */
  order: number[];
}

/** The shape that a parameter of shape `shape` here has in PyTorch. */
export function torchShape(layout: ParameterLayout, shape: readonly number[]): number[] {
  return permutation(layout, shape).torchShape;
}

/** Values in PyTorch's order to ours. */
export function fromTorch(layout: ParameterLayout, shape: readonly number[], values: Float32Array) {
  const { torchView, order } = permutation(layout, shape);
  return transpose(values, torchView, order);
}

/** Our values in PyTorch's order. */
export function toTorch(layout: ParameterLayout, shape: readonly number[], values: Float32Array) {
  const { torchView, order } = permutation(layout, shape);
  const ownView = order.map((axis) => torchView[axis] as number);
  const inverse = torchView.map((_, axis) => order.indexOf(axis));
  return transpose(values, ownView, inverse);
}

function permutation(layout: ParameterLayout, shape: readonly number[]): Permutation {
  const [a = 1, b = 1, c = 1, d = 1] = shape;
  switch (layout) {
    case "conv":
      return { torchShape: [d, c, a, b], torchView: [d, c, a, b], order: [2, 3, 1, 0] };
    case "unshuffledConv":
      return { torchShape: [d, c, 1, 1], torchView: [d, c / 4, 2, 2], order: [2, 3, 1, 0] };
    case "linear":
      return { torchShape: [b, a], torchView: [b, a], order: [1, 0] };
    case "gain":
      return { torchShape: [1, a, 1, 1], torchView: [a], order: [0] };
    case "linearMemory":
      return { torchShape: [a, b, d, c], torchView: [a, b, d, c], order: [0, 1, 3, 2] };
    case "same":
      return { torchShape: [...shape], torchView: [...shape], order: shape.map((_, i) => i) };
    default:
      throw layout satisfies never;
  }
}

function transpose(values: Float32Array, shape: readonly number[], order: readonly number[]) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((n, size) => n * size, 1));
  const sizes = order.map((axis) => shape[axis] as number);
  const steps = order.map((axis) => strides[axis] as number);
  const result = new Float32Array(values.length);
  let next = 0;
  const copy = (axis: number, offset: number) => {
    if (axis === sizes.length) {
      result[next++] = values[offset] as number;
      return;
    }
    for (let i = 0; i < (sizes[axis] as number); i++)
      copy(axis + 1, offset + i * (steps[axis] as number));
  };
  copy(0, 0);
  return result;
}
