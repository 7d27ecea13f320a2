import { dispose, io, tensor, tidy, version_core } from "@tensorflow/tfjs-core";
import { networkParameters } from "../../engine/nn/networkBlocks.ts";
import { numElements, type ParameterSpec, totalElements } from "../../engine/nn/parameters.ts";
import type { ExportedFile } from "./runFormats.ts";
import type { WeightsFile } from "./weightsFile.ts";

/**
 * A network's weights as TensorFlow.js artifacts: a `model.json` with the weights manifest, and the
 * values in one binary file beside it. `tf.io.http(url).load()` or `tf.io.browserFiles` reads them,
 * `tf.io.decodeWeights` makes tensors of them: float32, under the names of the PyTorch library, in
 * TensorFlow's layout (HWIO convolutions, `[in, out]` linear layers). The configuration and the facts
 * of the training stand in `userDefinedMetadata`.
 *
 * @param baseName without a slash, and without what a URL would escape
 * @returns `<baseName>.model.json` and `<baseName>.model.weights.bin`
 * @throws Error when `values` has another length than the network
 */
export async function encodeTfjsArtifacts({
  config,
  values,
  facts,
  baseName,
}: Omit<WeightsFile, "dtype"> & { baseName: string }): Promise<ExportedFile[]> {
  const { data, specs: weights } = await encodeParameters(networkParameters(config), values);
  // TensorFlow.js's default names, which its users know, after one that tells exports apart.
  const jsonName = `${baseName}.model.json`;
  const weightsName = `${baseName}.model.weights.bin`;
  const json: io.ModelJSON = {
    // No Layers or Graph model, hence no `format`; but browserFiles refuses a topology of null.
    modelTopology: {},
    generatedBy: `TensorFlow.js tfjs-core v${version_core}`,
    convertedBy: null,
    // Without "./": tf.io.http puts the folder's URL before it as it is.
    weightsManifest: [{ paths: [weightsName], weights }],
    userDefinedMetadata: { config, training: facts },
  };
  return [
    { fileName: jsonName, bytes: new TextEncoder().encode(JSON.stringify(json)) },
    { fileName: weightsName, bytes: new Uint8Array(data) },
  ];
}

async function encodeParameters(specs: readonly ParameterSpec[], flat: Float32Array) {
  if (flat.length !== totalElements(specs)) {
    throw new Error(`The network has ${totalElements(specs)} parameters, got ${flat.length}.`);
  }
  let offset = 0;
  const named = tidy(() =>
    specs.map(({ name, shape }) => {
      const values = flat.subarray(offset, offset + numElements(shape));
      offset += values.length;
      return { name, tensor: tensor(values, [...shape], "float32") };
    }),
  );
  try {
    return await io.encodeWeights(named);
  } finally {
    dispose(named);
  }
}
