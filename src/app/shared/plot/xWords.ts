/** The x axis in words. */
import { type EpochWord, formatCount, formatDuration } from "../../../runtime/format.ts";
import type { Scale, XKind, XWindow } from "../../state/slices/chartOptions.ts";

/**
 * In which unit an axis of time has its ticks: as many of it are shown that they are round numbers,
 * also within minutes of a long run; on a log axis, that the first is not a small part of one.
 */
function timeUnit({ from, to }: XWindow, scale: Scale) {
  const shownMs = scale === "log" ? from : to - from;
  if (shownMs < 120_000) return { name: "s", ms: 1000 };
  return shownMs < 7_200_000 ? { name: "min", ms: 60_000 } : { name: "h", ms: 3_600_000 };
}

export function xLabel(
  kind: XKind,
  window: XWindow,
  scale: Scale,
  epochWord: EpochWord = "epoch",
): string {
  if (kind === "time") return `Wall time (${timeUnit(window, scale).name})`;
  if (kind === "step") return "Training step";
  return epochWord === "phase" ? "Phase" : "Epoch";
}

/** Length of one unit of the axis, in the unit of its positions. */
export function xUnit(kind: XKind, window: XWindow, scale: Scale): number {
  return kind === "time" ? timeUnit(window, scale).ms : 1;
}

/** `Step 1,234`, `Step 1,234, epoch 2.63`, `Step 1,234, 2 min 5 s` */
export function positionWords(
  step: number,
  x: number,
  kind: XKind,
  epochWord: EpochWord = "epoch",
): string {
  const words = `Step ${formatCount(step)}`;
  if (kind === "step" || !Number.isFinite(x)) return words;
  return `${words}, ${kind === "epoch" ? `${epochWord} ` : ""}${xValueWords(x, kind)}`;
}

/** `2.63` epochs, `2 min 5 s` */
export function xValueWords(x: number, kind: Exclude<XKind, "step">): string {
  return kind === "epoch" ? x.toFixed(2) : formatDuration(x);
}
