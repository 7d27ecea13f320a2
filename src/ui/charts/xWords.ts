/** The x axis in words. */
import type { XKind, XWindow } from "../../store/chartOptions.ts";
import { formatCount, formatDuration } from "../format.ts";

export interface TimeUnit {
  name: "s" | "min" | "h";
  ms: number;
}

/** In which unit an axis of time up to some milliseconds has its ticks. */
export function timeUnit(toMs: number): TimeUnit {
  if (toMs < 120_000) return { name: "s", ms: 1000 };
  return toMs < 7_200_000 ? { name: "min", ms: 60_000 } : { name: "h", ms: 3_600_000 };
}

export function xLabel(kind: XKind, window: XWindow): string {
  if (kind === "time") return `time, ${timeUnit(window.to).name}`;
  return kind === "step" ? "training step" : "epoch";
}

export function formatXTick(x: number, kind: XKind, window: XWindow): string {
  if (kind === "time") return String(Number((x / timeUnit(window.to).ms).toPrecision(6)));
  return kind === "step" ? formatCount(x) : String(Number(x.toPrecision(6)));
}

/** `Step 1,234`, `Step 1,234, epoch 2.63`, `Step 1,234, 2 min 5 s` */
export function positionWords(step: number, x: number, kind: XKind): string {
  const words = `Step ${formatCount(step)}`;
  if (kind === "step" || !Number.isFinite(x)) return words;
  return `${words}, ${kind === "epoch" ? `epoch ${x.toFixed(2)}` : formatDuration(x)}`;
}
