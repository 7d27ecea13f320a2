import {
  HYPERPARAMETERS,
  IMAGE_SIZE,
  type RunConfig,
} from "../../../engine/config/hyperparameters.ts";
import { formatCount, formatSetting } from "../../../runtime/format.ts";
import { type NetworkFigures, networkFigures } from "./networkFigures.ts";
import { networkErrors } from "./shownNetwork.ts";
import { formatRatio, formatShort } from "./text.ts";

export type ModelSetting =
  | "dim"
  | "dimMults"
  | "attnHeads"
  | "attnDimHead"
  | "selfCondition"
  | "dropout";

/** One setting set otherwise, and what becomes of the network. */
export interface SettingEffect {
  setting: ModelSetting;
  /** The other value, `64`. */
  value: string;
  /** What changes, in words: `Base width 64 instead of 32`. */
  words: string;
  config: RunConfig;
  parameters: number;
  multiplyAdds: number;
  /** Names of the blocks of the network as it is that change or go away. */
  touched: ReadonlySet<string>;
}

type SettingValue = RunConfig[ModelSetting];

/** Values worth comparing with. They stay where they are when one is taken: nothing moves then. */
const SCALES: { [Setting in ModelSetting]: readonly RunConfig[Setting][] } = {
  dim: [8, 16, 32, 64],
  dimMults: [[1], [1, 2], [1, 2, 2], [1, 2, 4], [1, 2, 5]],
  attnHeads: [1, 2, 4, 8],
  attnDimHead: [8, 16, 32, 64],
  selfCondition: [false, true],
  dropout: [0, 0.1, 0.2],
};
export const MODEL_SETTINGS = Object.keys(SCALES) as ModelSetting[];

/**
 * Values to choose from, the smallest first: the usual ones and those that are given, as far as a
 * network can have them.
 *
 * @param configs whose own values are among them
 */
export function settingChoices(
  setting: ModelSetting,
  configs: readonly [RunConfig, ...RunConfig[]],
): SettingValue[] {
  const [config] = configs;
  const given = configs.map((each): SettingValue => each[setting]);
  const byWords = new Map(
    [...SCALES[setting], ...given].map((value) => [formatSetting(value), value]),
  );
  return [...byWords.values()]
    .filter((value) => networkErrors({ ...config, [setting]: value }).length === 0)
    .sort(bySize);
}

function bySize(a: SettingValue, b: SettingValue): number {
  const [first, second] = [a, b].map((value) => (Array.isArray(value) ? value : [Number(value)]));
  if (!first || !second) return 0;
  const differs = first.findIndex((number, i) => number !== second[i]);
  return first.length - second.length || (first[differs] ?? 0) - (second[differs] ?? 0);
}

/**
 * What each other value would change.
 *
 * @param others whose values are to choose from, too
 */
export function settingEffects(
  config: RunConfig,
  network: NetworkFigures,
  ...others: RunConfig[]
): SettingEffect[] {
  return MODEL_SETTINGS.flatMap((setting) =>
    settingChoices(setting, [config, ...others])
      .filter((value) => formatSetting(value) !== formatSetting(config[setting]))
      .map((value) =>
        effectOf(setting, { config, network, after: { ...config, [setting]: value } }),
      ),
  );
}

function effectOf(
  setting: ModelSetting,
  { config, network, after }: { config: RunConfig; network: NetworkFigures; after: RunConfig },
): SettingEffect {
  const figures = networkFigures(after);
  return {
    setting,
    value: formatSetting(after[setting]),
    words: changeWords(setting, config, after),
    config: after,
    parameters: figures.parameters,
    multiplyAdds: figures.multiplyAdds,
    touched:
      // It drops activations: no shape tells.
      setting === "dropout" ? resnetBlocks(network) : changedBlocks(network, figures),
  };
}

function changeWords(setting: ModelSetting, before: RunConfig, after: RunConfig): string {
  const name = HYPERPARAMETERS[setting].label;
  const words = `${name} ${formatSetting(after[setting])} instead of ${formatSetting(before[setting])}`;
  const numLevels = after.dimMults.length - before.dimMults.length;
  if (numLevels === 0) return words;
  const size = IMAGE_SIZE / 2 ** (after.dimMults.length - 1);
  const levels = Math.abs(numLevels) === 1 ? "one level" : `${Math.abs(numLevels)} levels`;
  return `${words}, ${levels} ${numLevels < 0 ? "less" : "more"}, down to ${size}×${size}`;
}

/** `Base width 64 instead of 32: 29 of 31 blocks change; 13.7 M parameters (×3.98), 1.42 G multiply-adds (×3.89).` */
export function effectWords(effect: SettingEffect, network: NetworkFigures): string {
  const { words, touched, parameters, multiplyAdds } = effect;
  const blocks = `${touched.size} of ${network.figures.length} blocks change`;
  if (parameters === network.parameters && multiplyAdds === network.multiplyAdds) {
    return `${words}: ${blocks}; as many parameters and multiply-adds.`;
  }
  const difference = parameters - network.parameters;
  const sign = difference < 0 ? "−" : "+";
  return [
    `${words}: ${blocks};`,
    `${sign}${formatCount(Math.abs(difference))} parameters, ${formatShort(parameters)} in all (${formatRatio(parameters, network.parameters)});`,
    `${formatShort(multiplyAdds)} multiply-adds (${formatRatio(multiplyAdds, network.multiplyAdds)}).`,
  ].join(" ");
}

/** The parameters in short: `×3.96`, a small difference as `+1.57 k`, `±0`. */
export function shortEffect({ parameters }: SettingEffect, network: NetworkFigures): string {
  const difference = parameters - network.parameters;
  if (difference === 0) return "±0";
  if (Math.abs(difference) >= 0.01 * network.parameters) {
    return formatRatio(parameters, network.parameters);
  }
  return `${difference < 0 ? "−" : "+"}${formatShort(Math.abs(difference))}`;
}

/** By name: those whose parameters or cost differ, and those that the other network has not. */
function changedBlocks(before: NetworkFigures, after: NetworkFigures): ReadonlySet<string> {
  const keyOf = ({ block, multiplyAdds }: NetworkFigures["figures"][number]) =>
    JSON.stringify([block.kind, block.specs.map(({ shape }) => shape), multiplyAdds]);
  const others = new Map(after.figures.map((figure) => [figure.block.name, keyOf(figure)]));
  return new Set(
    before.figures
      .filter((figure) => others.get(figure.block.name) !== keyOf(figure))
      .map(({ block }) => block.name),
  );
}

function resnetBlocks({ figures }: NetworkFigures): ReadonlySet<string> {
  return new Set(figures.filter(({ block }) => block.kind === "resnet").map((f) => f.block.name));
}
