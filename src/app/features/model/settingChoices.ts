import {
  HYPERPARAMETERS,
  IMAGE_SIZE,
  type RunConfig,
} from "../../../engine/config/hyperparameters.ts";
import { valueError } from "../../../engine/config/validate.ts";
import { formatCount, formatSetting } from "../../../runtime/format.ts";
import { formatRatio, formatShort, signed } from "./blockWords.ts";
import { type NetworkFigures, networkFigures } from "./networkFigures.ts";
import { networkErrors } from "./shownNetwork.ts";

/** Values worth comparing with. */
const USUAL_VALUES = {
  dim: [8, 16, 32, 64],
  dimMults: [[1], [1, 2], [1, 2, 2], [1, 2, 4], [1, 2, 5]],
  attnHeads: [1, 2, 4, 8],
  attnDimHead: [8, 16, 32, 64],
  selfCondition: [false, true],
  classes: [0, 10],
  dropout: [0, 0.1, 0.2],
} satisfies { [Setting in keyof RunConfig]?: RunConfig[Setting][] };

type ModelSetting = keyof typeof USUAL_VALUES;
type SettingValue = RunConfig[ModelSetting];

export const MODEL_SETTINGS = Object.keys(USUAL_VALUES) as ModelSetting[];

/** A value of a setting, and what the network would be with it. */
export interface SettingChoice {
  setting: ModelSetting;
  /** `64` */
  value: string;
  /** Whether the current network has it. */
  isCurrent: boolean;
  config: RunConfig;
  /** The parameters compared: `×3.96`, a small difference as `+1.57 k`, `±0`. */
  ratio: string;
  /** `Base width 64 instead of 32: 29 of 31 blocks change; +10,294,976 parameters, …` */
  words: string;
  /** Names of the blocks of the current network that would change or go. */
  touched: ReadonlySet<string>;
}

/**
 * For each setting the usual values and those of both configurations, the smallest first, as far as a
 * network can have them.
 *
 * @param network that of `config`
 * @param first as `config` was at first: its values stay, so that no button moves when another is taken
 */
export function settingChoices(
  config: RunConfig,
  network: NetworkFigures,
  first = config,
): SettingChoice[] {
  return MODEL_SETTINGS.flatMap((setting) => {
    const values: SettingValue[] = [...USUAL_VALUES[setting], config[setting], first[setting]];
    const distinct = new Map(values.map((value) => [formatSetting(value), value]));
    return [...distinct.values()]
      .sort((a, b) => order(a) - order(b))
      .map((value) => ({ ...config, [setting]: value }))
      .filter((after) => !valueError(setting, after[setting]) && networkErrors(after).length === 0)
      .map((after) => choice(setting, { before: config, network, after }));
  });
}

/** Lists by their length, then by their first number. */
function order(value: SettingValue): number {
  return [value].flat().reduce<number>((sum, part) => 1000 * sum + Number(part), 0);
}

function choice(
  setting: ModelSetting,
  { before, network, after }: { before: RunConfig; network: NetworkFigures; after: RunConfig },
): SettingChoice {
  const figures = networkFigures(after);
  // Dropout changes no shape.
  const touched = setting === "dropout" ? resnetBlocks(network) : changedBlocks(network, figures);
  const blocks = blocksWords(touched.size, network, figures);
  const value = formatSetting(after[setting]);
  return {
    setting,
    value,
    isCurrent: value === formatSetting(before[setting]),
    config: after,
    ratio: ratioWords(network, figures),
    words: `${changeWords(setting, before, after)}: ${blocks}; ${costWords(network, figures)}`,
    touched,
  };
}

/** Names of the blocks that differ in parameters or cost, or do not exist in the other network. */
function changedBlocks(before: NetworkFigures, after: NetworkFigures): ReadonlySet<string> {
  const keyOf = ({ block, multiplyAdds }: NetworkFigures["figures"][number]) =>
    JSON.stringify([block.name, block.kind, block.specs.map(({ shape }) => shape), multiplyAdds]);
  const kept = new Set(after.figures.map(keyOf));
  const changed = before.figures.filter((figure) => !kept.has(keyOf(figure)));
  return new Set(changed.map(({ block }) => block.name));
}

function resnetBlocks({ figures }: NetworkFigures): ReadonlySet<string> {
  return new Set(figures.filter(({ block }) => block.kind === "resnet").map((f) => f.block.name));
}

/** @param numChanged blocks of the network before that would change or go */
function blocksWords(numChanged: number, before: NetworkFigures, after: NetworkFigures): string {
  const { length } = before.figures;
  const isOneMore = numChanged === 0 && after.figures.length > length;
  return isOneMore ? "one block more" : `${numChanged} of ${length} blocks change`;
}

/** `Width multipliers 1, 2 instead of 1, 2, 4, one level fewer, smallest images 14×14` */
function changeWords(setting: keyof RunConfig, before: RunConfig, after: RunConfig): string {
  const name = HYPERPARAMETERS[setting].label;
  const words = `${name} ${formatSetting(after[setting])} instead of ${formatSetting(before[setting])}`;
  const numLevels = after.dimMults.length - before.dimMults.length;
  if (numLevels === 0) return words;
  const size = IMAGE_SIZE / 2 ** (after.dimMults.length - 1);
  const levels = Math.abs(numLevels) === 1 ? "one level" : `${Math.abs(numLevels)} levels`;
  return `${words}, ${levels} ${numLevels < 0 ? "fewer" : "more"}, smallest images ${size}×${size}`;
}

/** `+285,696 parameters, 3.72 M in all (×1.08); 428 M multiply-adds (×1.17).` */
function costWords(before: NetworkFigures, after: NetworkFigures): string {
  const { parameters, multiplyAdds } = after;
  const difference = parameters - before.parameters;
  if (difference === 0 && multiplyAdds === before.multiplyAdds) {
    return "the same number of parameters and multiply-adds.";
  }
  return [
    `${signed(difference, formatCount)} parameters, ${formatShort(parameters)} in all`,
    `(${formatRatio(parameters, before.parameters)});`,
    `${formatShort(multiplyAdds)} multiply-adds`,
    `(${formatRatio(multiplyAdds, before.multiplyAdds)}).`,
  ].join(" ");
}

/** `×3.96`, a small difference as `+1.57 k`, none as `±0`. */
function ratioWords(before: NetworkFigures, after: NetworkFigures): string {
  const difference = after.parameters - before.parameters;
  if (difference === 0) return "±0";
  return Math.abs(difference) >= 0.01 * before.parameters
    ? formatRatio(after.parameters, before.parameters)
    : signed(difference, formatShort);
}
