import type { MeasureProgress } from "../../../engine/quality/figures.ts";
import { formatDuration, formatPercent } from "../../../runtime/format.ts";
import type { StatusLine } from "./statusLine.ts";

/** What a measurement gives in the end; how far it is stands in the line, with the time left. */
export async function followed<R>(
  work: AsyncGenerator<MeasureProgress, R>,
  line: StatusLine,
): Promise<R> {
  let doing = "";
  let startMs = 0;
  while (true) {
    const { done, value } = await work.next();
    if (done) return value;
    const { fraction } = value;
    if (value.doing !== doing) {
      doing = value.doing;
      startMs = performance.now();
    }
    const leftMs = ((performance.now() - startMs) * (1 - fraction)) / fraction;
    const left = fraction > 0 && leftMs > 0 ? `, ${formatDuration(leftMs)} left` : "";
    line.tell(`${doing}: ${formatPercent(fraction)}${left}`);
  }
}
