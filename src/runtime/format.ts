import {
  entryWith,
  type HyperparameterName,
  type RunConfig,
} from "../engine/config/hyperparameters.ts";
import { studentStepsOf } from "../engine/config/studentSteps.ts";
import type { Sampler } from "../engine/diffusion/samplers.ts";
import { DEFAULT_SPACING, SPACINGS } from "../engine/diffusion/spacings.ts";

const wholeNumber = new Intl.NumberFormat("en");

/** `60,000` */
export function formatCount(count: number): string {
  return wholeNumber.format(count);
}

/** `1 step`, `1,200 steps` */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** `a digit`, `an image` */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

/** `Digits` */
export function capitalized(words: string): string {
  return words.replace(/^./, (first) => first.toUpperCase());
}

/** ` even in log-SNR, 18 predictions` of a sampler's 10 steps: what is not as usual. Guidance takes two passes for each. */
export function stepsSuffix(
  { spacing = DEFAULT_SPACING }: Sampler,
  numSteps: number,
  numPasses: number,
): string {
  const where = spacing === DEFAULT_SPACING ? "" : ` ${SPACINGS[spacing].label}`;
  const passes = numPasses === numSteps ? "" : `, ${formatCount(numPasses)} predictions`;
  return `${where}${passes}`;
}

/** `4.2 MB`, in powers of ten as browsers show downloads. */
export function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `49 kB`, `4.2 MB`, in powers of ten. */
export function formatBytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : formatMegabytes(bytes);
}

/** `0.8 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: two units at most. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs) || durationMs < 0) return "–";
  const seconds = durationMs / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  // From ten minutes on the seconds say nothing, and take room.
  const whole = seconds < 600 ? Math.round(seconds) : 60 * Math.round(seconds / 60);
  const units = [
    { name: "d", size: 86_400 },
    { name: "h", size: 3600 },
    { name: "min", size: 60 },
    { name: "s", size: 1 },
  ];
  const first = units.findIndex((unit) => whole >= unit.size);
  let rest = whole;
  const parts: string[] = [];
  for (const { name, size } of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(" ");
}

/** As a person would say what is only guessed: `7 s`, `50 s`, `4 min`, `20 min`, `2 h 10 min`, `5 h`, `3 d`. */
export function formatRoughly(durationMs: number): string {
  if (durationMs < 9500) return `${Math.max(1, Math.round(durationMs / 1000))} s`;
  const [, unitMs] = ROUGHLY.find(([below]) => durationMs < below) ?? [0, DAY_MS];
  return formatDuration(unitMs * Math.max(1, Math.round(durationMs / unitMs)));
}

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

/** To what a duration below so many ms is rounded. */
const ROUGHLY = [
  [60_000, 10_000],
  [600_000, 60_000],
  [HOUR_MS, 300_000],
  [3 * HOUR_MS, 600_000],
  [DAY_MS, HOUR_MS],
] as const;

/** Three significant digits: `0.0512`, `8.43`, `269`. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return "–";
  return perSecond >= 100 ? formatCount(Math.round(perSecond)) : perSecond.toPrecision(3);
}

export function formatLoss(loss: number): string {
  return Number.isFinite(loss) ? loss.toFixed(4) : String(loss);
}

export function formatPercent(fraction: number): string {
  const percent = 100 * fraction;
  return `${percent < 9.95 ? percent.toFixed(1) : Math.floor(percent)} %`;
}

/** `92.4 %`: a tenth of a percent is one of 1,000 samples. */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** The value of a setting: `1, 2, 4`, `on`, `0.002`. */
export function formatSetting(value: string | number | boolean | readonly number[]): string {
  if (typeof value === "boolean") return value ? "on" : "off";
  return typeof value === "object" ? value.join(", ") : String(value);
}

/** A setting of a run as the form shows it: a choice by its label. */
export function formatRunSetting(name: HyperparameterName, config: RunConfig): string {
  const [entry, value] = [entryWith(name, config), config[name]];
  const options = entry.kind === "choice" ? entry.options : {};
  return options[String(value)]?.label ?? formatSetting(value);
}

export type EpochWord = "epoch" | "phase";

export function epochWord({ distilFrom }: Pick<RunConfig, "distilFrom">): EpochWord {
  return distilFrom > 0 ? "phase" : "epoch";
}

/** `epoch 2 of 3`, of a distillation `phase 2 of 5: 16 → 8 steps`, those of teacher and student. */
export function formatEpochPlace(config: RunConfig, epoch: number): string {
  const words = `${epochWord(config)} ${formatCount(epoch)} of ${formatCount(config.epochs)}`;
  if (config.distilFrom === 0) return words;
  const steps = studentStepsOf(config, epoch - 1);
  return `${words}: ${2 * steps} → ${counted(steps, "step")}`;
}
