/** How the numbers along an axis are written: all in one way. Pure. */

import { formatCount } from "../../../runtime/format.ts";
import type { Scale } from "../../state/slices/chartOptions.ts";

/** More of them would be wider than an axis has room. */
const MAX_DECIMALS = 4;

/**
 * On a linear axis with as many decimals as the one that needs most, `0.0`, `0.5`, `1.0`, or with one
 * power of ten, `2e-6`, `4e-6`, whichever is shorter; on a log axis each as short as it is, `0.05`,
 * `0.1`, `2,000`, or, where all are powers of ten times a digit, as such, `5e-5`, `1e-4`.
 */
export function tickFormat(ticks: readonly number[], scale: Scale): (tick: number) => string {
  const decimals = Math.max(0, ...ticks.map(decimalsOf));
  const power = Math.floor(Math.log10(Math.max(...ticks.map(Math.abs))) + 1e-9);
  const rest = Math.max(0, decimals + power);
  if (scale === "log" && decimals <= MAX_DECIMALS) return formatPlain;
  const areRound = ticks.every(
    (tick) => Number(tick.toPrecision(6)) === Number(tick.toPrecision(1)),
  );
  if (scale === "log" && areRound) return (tick) => tick.toExponential(0).replace("+", "");
  // `0.89825` is shorter than `8.9825e-1`.
  if (decimals <= Math.max(MAX_DECIMALS, rest + 2)) return (tick) => withDecimals(tick, decimals);
  return (tick) => (tick === 0 ? "0" : `${(tick / 10 ** power).toFixed(rest)}e${power}`);
}

/** Decimals that a round number has; of the exact ones, without what computing has added. */
function decimalsOf(tick: number): number {
  const [digits = "", power = "0"] = Number(tick.toPrecision(6)).toExponential().split("e");
  const fraction = digits.split(".")[1]?.length ?? 0;
  return Math.max(0, fraction - Number(power));
}

function formatPlain(tick: number): string {
  return tick >= 1000 ? formatCount(tick) : String(Number(tick.toPrecision(6)));
}

function withDecimals(tick: number, decimals: number): string {
  return decimals === 0 ? formatCount(Math.round(tick)) : tick.toFixed(decimals);
}
