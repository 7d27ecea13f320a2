import { presetConfig, presetNames } from "../src/engine/config/presets.ts";
import type { UnetConfig } from "../src/engine/nn/unetBlocks.ts";

/** Networks whose memory is measured: the presets', and two that are far from them. */
export const MEASURED_NETWORKS: [name: string, UnetConfig][] = [
  ...presetNames({ points: false }).map((name): [string, UnetConfig] => [name, presetConfig(name)]),
  [
    "one level, wide attention",
    { dim: 16, dimMults: [1], attnHeads: 4, attnDimHead: 32, selfCondition: false, classes: 0 },
  ],
  [
    "narrow attention",
    {
      dim: 64,
      dimMults: [1, 1, 1],
      attnHeads: 1,
      attnDimHead: 4,
      selfCondition: false,
      classes: 0,
    },
  ],
];
