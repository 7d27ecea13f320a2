interface Permutation {
  torchShape: number[];
  /** A view of the PyTorch tensor in which an axis is split; its own shape when left out. */
  torchView?: number[];
  /** Axis i here is axis `order[i]` of the view. */
  order: number[];
}

/**
 * How a parameter lies in memory here and in a PyTorch `state_dict`, by its shape here. Each is a
 * permutation of the axes of some view of the PyTorch tensor.
 */
const LAYOUTS = {
  /** Convolution: OIHW there, HWIO here. */
  conv: ([h, w, i, o]: Axes) => ({ torchShape: [o, i, h, w], order: [2, 3, 1, 0] }),
  /** 1x1 convolution after a pixel-unshuffle: input channels (c, row, column) there, (row, column, c) here. */
  unshuffledConv: ([, , i, o]: Axes) => ({
    torchShape: [o, i, 1, 1],
    torchView: [o, i / 4, 2, 2],
    order: [2, 3, 1, 0],
  }),
  /** Fully connected: `[out, in]` there, `[in, out]` here. */
  linear: ([i, o]: Axes) => ({ torchShape: [o, i], order: [1, 0] }),
  /** RMSNorm's gain: `[1, C, 1, 1]` there, `[C]` here. */
  gain: ([c]: Axes) => ({ torchShape: [1, c, 1, 1], torchView: [c], order: [0] }),
  /** Memory of linear attention: `[2, h, d, M]` there, `[2, h, M, d]` here. */
  linearMemory: ([a, h, m, d]: Axes) => ({ torchShape: [a, h, d, m], order: [0, 1, 3, 2] }),
  /** A tensor that is laid out here as it is in PyTorch. */
  same: (shape: Axes) => ({ torchShape: [...shape], order: shape.map((_, i) => i) }),
} satisfies Record<string, (shape: Axes) => Permutation>;

/** A shape with as many axes as the layout has. */
type Axes = [number, number, number, number];

export type ParameterLayout = keyof typeof LAYOUTS;

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

function permutation(layout: ParameterLayout, shape: readonly number[]): Required<Permutation> {
  const found: Permutation = LAYOUTS[layout](shape as readonly number[] as Axes);
  return { torchView: found.torchShape, ...found };
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
