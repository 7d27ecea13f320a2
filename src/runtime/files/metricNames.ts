/** What metrics are called in files. Beside their table, so that the page's first load is no longer for it. */
import type { NamedMetric } from "../../engine/train/metrics.ts";

/** Names it in TensorBoard; null for none. */
export function tagOf({ path, tag = path.map(inLowerCase).join("/") }: NamedMetric): string | null {
  return tag;
}

/** Its name in tables. */
export function columnOf(metric: NamedMetric): string {
  return metric.column ?? (tagOf(metric) ?? metric.key).replaceAll("/", "_");
}

/** `stepMs` as `step_ms`. */
function inLowerCase(name: string): string {
  return name.replaceAll(/(?<=[a-z\d])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
