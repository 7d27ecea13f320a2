import type { TensorInfo } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { gradientWorkgroupTiles } from "../../../../../src/engine/ops/webgpu/conv/kernelGradientWorkgroup.ts";
import { convSizes, gradientSizes } from "../../../../../src/engine/ops/webgpu/conv/sizes.ts";
import { workgroupTiles } from "../../../../../src/engine/ops/webgpu/conv/workgroup.ts";
import type { Program } from "../../../../../src/engine/ops/webgpu/program.ts";
import { CARD, CONV_TILES, GRADIENT_TILES } from "../../../../../src/engine/ops/webgpu/tuning.ts";

const info = (...shape: number[]): TensorInfo => ({ dataId: {}, shape, dtype: "float32" });

const SHAPES = ([1, 3] as const).flatMap((kernelSize) =>
  [7, 28].flatMap((width) =>
    [5, 24].flatMap((numIn) =>
      [3, 7, 12, 20, 24, 32].map((numOut) => ({ kernelSize, width, numIn, numOut })),
    ),
  ),
);

/** Bytes of workgroup memory that the code declares. */
function workgroupBytes(code: string): number {
  const arrays = [...code.matchAll(/var<workgroup> \w+: array<array<vec4<f32>, (\d+)>, (\d+)>;/g)];
  expect(arrays).toHaveLength(2);
  return arrays.reduce((sum, [, inner, outer]) => sum + 16 * Number(inner) * Number(outer), 0);
}

describe("every candidate for every shape stays within what all devices have:", () => {
  const isWithin = ({ workgroupSize, code }: Pick<Program, "workgroupSize" | "code">) =>
    (workgroupSize as number) <= 256 && workgroupBytes(code()) <= 16_384;

  it("of a convolution", () => {
    for (const { kernelSize, width, numIn, numOut } of SHAPES) {
      const of = {
        x0: info(2, width, width, numIn),
        kernel: info(kernelSize, kernelSize, numIn, numOut),
      };
      const sizes = convSizes(of);
      for (const tile of CONV_TILES[kernelSize]) {
        const tiles = workgroupTiles(sizes, { ...CARD, convTiles: { 1: [tile], 3: [tile] } });
        expect(isWithin(tiles), `${JSON.stringify(sizes)} ${JSON.stringify(tile)}`).toBe(true);
      }
    }
  });

  it("of a kernel's gradient", () => {
    for (const { kernelSize, width, numIn, numOut } of SHAPES) {
      const of = {
        x0: info(2, width, width, numIn),
        dy: info(2, width, width, numOut),
        kernelSize,
      };
      const sizes = gradientSizes(of);
      for (const tile of GRADIENT_TILES[kernelSize]) {
        const tuning = { ...CARD, gradientTiles: { 1: tile, 3: tile } };
        const tiles = gradientWorkgroupTiles(sizes, tuning);
        expect(isWithin(tiles), `${JSON.stringify(sizes)} ${JSON.stringify(tile)}`).toBe(true);
      }
    }
  });
});
