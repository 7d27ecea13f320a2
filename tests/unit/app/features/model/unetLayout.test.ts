import { describe, expect, it } from "vitest";
import { networkFigures } from "../../../../../src/app/features/model/networkFigures.ts";
import { type Box, unetLayout } from "../../../../../src/app/features/model/unetLayout.ts";
import {
  HYPERPARAMETERS,
  type RunConfig,
} from "../../../../../src/engine/config/hyperparameters.ts";
import { NETWORK_SETTINGS } from "../../../../../src/engine/config/network.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { totalElements } from "../../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../../src/engine/nn/unet.ts";

const ASSIGNMENT = presetConfig("assignment");
/** All that a network may have besides. */
const SWITCHED_ON: Partial<RunConfig> = Object.fromEntries(
  NETWORK_SETTINGS.filter((name) => HYPERPARAMETERS[name].kind === "switch").map((name) => [
    name,
    true,
  ]),
);
const CONFIGS = [
  ASSIGNMENT,
  presetConfig("quick"),
  presetConfig("tiny"),
  { ...ASSIGNMENT, dimMults: [4], dim: 6, ...SWITCHED_ON, classes: 10 },
  { ...ASSIGNMENT, dimMults: [3, 1, 2], attnHeads: 1, attnDimHead: 5 },
];
const CASES = CONFIGS.flatMap((config) =>
  [320, 520, 640, 860].map((width) => ({ config, width, mults: config.dimMults.join() })),
);

describe.each(CASES)("the drawing of a network of widths $mults, $width px wide", (given) => {
  const network = networkFigures(given.config);
  const layout = unetLayout(network, given.width);

  it("has every parameter of the network that is run", () => {
    const drawn = layout.blocks.reduce((sum, { figures }) => sum + figures.parameters, 0);
    expect(drawn).toBe(totalElements(createUnet(given.config).parameters));
    expect(network.parameters).toBe(drawn);
  });

  it("has no block over another and all within its edges", () => {
    const boxes = [layout.input, layout.output, ...layout.blocks];
    for (const [i, box] of boxes.entries()) {
      expect(boxes.slice(0, i).filter((other) => isOver(box, other))).toEqual([]);
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(layout.width);
      expect(box.y + box.height).toBeLessThanOrEqual(layout.height);
    }
  });

  it("has room for the text of a block in so many lines", () => {
    const leastWidths = [210, 120, 90];
    for (const { width, numLines } of layout.blocks) {
      expect(width).toBeGreaterThanOrEqual(leastWidths[numLines - 1] ?? 0);
    }
  });

  it("has two skip connections a level and one around all", () => {
    expect(layout.skips).toHaveLength(2 * given.config.dimMults.length + 1);
    const numEmbeddings = given.config.classes > 0 ? 2 : 1;
    expect(layout.flow).toHaveLength(layout.blocks.length + 1 - numEmbeddings);
  });
});

function isOver(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
