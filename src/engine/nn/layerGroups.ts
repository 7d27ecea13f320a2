/** The layers whose norms are reported. It needs no TensorFlow.js. */
import { numElements, type ParameterSpec } from "./parameters.ts";
import { inOrder, type UnetConfig, unetBlocks } from "./unetBlocks.ts";

export interface LayerGroup {
  /** `init_conv`, `downs.0`, `mid`: what the names of its parameters begin with. */
  name: string;
  /** Where its parameters are in the vector of all. */
  start: number;
  end: number;
}

/** The modules of the network, those of a level together, and those of the middle. */
export function layerGroups(specs: readonly ParameterSpec[]): LayerGroup[] {
  const groups: LayerGroup[] = [];
  let start = 0;
  for (const { name: path, shape } of specs) {
    const [name = path] = /^(?:mid|(?:downs|ups)\.\d+|[^.]+)/.exec(path) ?? [];
    const end = start + numElements(shape);
    const group = groups.at(-1);
    if (group?.name === name) group.end = end;
    else groups.push({ name, start, end });
    start = end;
  }
  return groups;
}

/** In the order of the lists of norms in reports: that in which they run, with the labels' embedding last. */
export function layerNames(config: UnetConfig): string[] {
  const specs = inOrder(unetBlocks(config)).flatMap((block) => block.specs);
  return layerGroups(specs).map(({ name }) => name);
}
