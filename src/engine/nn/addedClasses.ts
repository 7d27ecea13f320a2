/**
 * A network that knows more classes than it was trained with. Of its parameters only the table of labels gets larger, by a row for
 * each new class, before its last row, "no label" (`withLabels`). A new row begins as a copy of that: until the network has learned
 * better it draws for a new class what it draws without a label, and what it drew before it still draws, to the last bit.
 *
 * A network without classes gets a table of zeros. They are added to the time embedding, so that it, too, draws what it drew.
 */
import { inferNetwork } from "./inferConfig.ts";
import { type NetworkConfig, networkParameters } from "./networkBlocks.ts";
import { numElements } from "./parameters.ts";
import { fromStateDict, type TorchTensor, toStateDict } from "./stateDict.ts";

/** The table of labels, `[classes + 1, width]`. */
const LABELS = "label_emb.weight";

/**
 * The values of all parameters in our order and layout, `[P]`, of a network with `added` more classes than `config` has.
 *
 * @param values of the network as it is, `[P]`
 * @param added 1 or more
 * @throws FormatError where the values are not all finite
 */
export function valuesWithAddedClasses(
  config: NetworkConfig,
  values: Float32Array,
  added = 1,
): Float32Array<ArrayBuffer> {
  const grown = { ...config, classes: config.classes + added };
  const tensors = toStateDict(networkParameters(config), values);
  return fromStateDict(networkParameters(grown), tensorsWithAddedClasses(tensors, added));
}

/**
 * The same for tensors under the names and in the layout of the PyTorch library; all but the table are those that were given.
 *
 * @throws FormatError when they are not a network's
 */
export function tensorsWithAddedClasses(
  tensors: ReadonlyMap<string, TorchTensor>,
  added = 1,
): Map<string, TorchTensor> {
  const network = inferNetwork(tensors);
  const grown = { ...network, classes: network.classes + added };
  const spec = networkParameters(grown).find(({ name }) => name === LABELS);
  const shape = [...(spec?.shape ?? [])];
  const values = new Float32Array(numElements(shape));
  const before = tensors.get(LABELS)?.values;
  if (before) {
    const noLabel = before.subarray(before.length - (shape[1] as number));
    values.set(before);
    for (let end = before.length; end < values.length; end += noLabel.length)
      values.set(noLabel, end);
  }
  return new Map(tensors).set(LABELS, { shape, values });
}
