import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fromTorch,
  type ParameterLayout,
  torchShape,
  toTorch,
} from "../../../../src/engine/nn/layout.ts";
import { numElements } from "../../../../src/engine/nn/parameters.ts";

const size = fc.integer({ min: 1, max: 5 });
const anyRank = fc.array(size, { minLength: 1, maxLength: 4 });

/** Shapes here that a parameter of each layout may have. */
const SHAPES: [ParameterLayout, fc.Arbitrary<number[]>][] = [
  ["conv", fc.tuple(size, size, size, size)],
  ["unshuffledConv", fc.tuple(size, size).map(([numIn, numOut]) => [1, 1, 4 * numIn, numOut])],
  ["linear", fc.tuple(size, size)],
  ["gain", fc.tuple(size)],
  ["linearMemory", fc.tuple(fc.constant(2), size, size, size)],
  ["same", anyRank],
];

describe.each(SHAPES)("the layout %s", (layout, shapes) => {
  it("is undone by its inverse, both ways", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const values = Float32Array.from({ length: numElements(shape) }, (_, i) => i);
        expect(toTorch(layout, shape, fromTorch(layout, shape, values))).toEqual(values);
        expect(fromTorch(layout, shape, toTorch(layout, shape, values))).toEqual(values);
      }),
    );
  });

  it("has as many values there as here", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        expect(numElements(torchShape(layout, shape))).toBe(numElements(shape));
      }),
    );
  });
});

describe("values from PyTorch", () => {
  /** Values 0, 1, 2 … in PyTorch's order. */
  const counting = (shape: readonly number[]) =>
    Float32Array.from({ length: numElements(shape) }, (_, i) => i);

  it("take a convolution from OIHW to HWIO", () => {
    const [rows, columns, numIn, numOut] = [2, 3, 4, 5] as const;
    const ours = fromTorch("conv", [rows, columns, numIn, numOut], counting([120]));
    const [y, x, i, o] = [1, 2, 3, 4] as const;
    const here = ((y * columns + x) * numIn + i) * numOut + o;
    expect(ours[here]).toBe(((o * numIn + i) * rows + y) * columns + x);
    expect(ours[1]).toBe(numIn * rows * columns);
  });

  it("take the channels after a pixel-unshuffle from (c, row, column) to (row, column, c)", () => {
    // Three channels, one output: there c0 (00 01 10 11), c1 …; here 00 (c0 c1 c2), 01 ….
    const ours = fromTorch("unshuffledConv", [1, 1, 12, 1], counting([12]));
    expect(Array.from(ours)).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
  });

  it("transpose a fully connected layer", () => {
    expect(Array.from(fromTorch("linear", [3, 2], counting([6])))).toEqual([0, 3, 1, 4, 2, 5]);
  });

  it("transpose the memory of linear attention head by head", () => {
    const ours = fromTorch("linearMemory", [2, 1, 2, 3], counting([12])); // d = 3, M = 2
    expect(Array.from(ours)).toEqual([0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]);
  });
});
