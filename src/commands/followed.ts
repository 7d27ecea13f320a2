import { formatDuration, formatPercent } from "../ui/format.ts";
import { nextMacrotask } from "../worker/macrotask.ts";
import type { StatusLine } from "./statusLine.ts";

interface Progress {
  doing: string;
  /** 0 to 1 of what is done at the moment. */
  fraction: number;
}

/** What a generator returns in the end; how far it is stands in the line, with the time left. */
export async function followed<P, R>(
  work: AsyncGenerator<P, R>,
  line: StatusLine,
  progressOf: (report: P) => Progress,
): Promise<R> {
  let doing = "";
  let startMs = 0;
  while (true) {
    const { done, value } = await work.next();
    if (done) return value;
    const progress = progressOf(value);
    if (progress.doing !== doing) {
      doing = progress.doing;
      startMs = performance.now();
    }
    const { fraction } = progress;
    const leftMs = ((performance.now() - startMs) * (1 - fraction)) / fraction;
    const left = fraction > 0 && leftMs > 0 ? `, ${formatDuration(leftMs)} left` : "";
    line.tell(`${doing}: ${formatPercent(fraction)}${left}`);
    // So that Ctrl-C is heard.
    await nextMacrotask();
  }
}
