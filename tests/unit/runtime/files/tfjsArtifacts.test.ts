import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { splitParameters } from "../../../../src/engine/ops/parameterVector.ts";
import type { ExportedFile } from "../../../../src/runtime/files/runFormats.ts";
import { encodeTfjsArtifacts } from "../../../../src/runtime/files/tfjsArtifacts.ts";
import type { TrainingFacts } from "../../../../src/runtime/files/weightsFile.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";

const config = smallConfig({ attnHeads: 2 });
const specs = createUnet(config).parameters;
const values = initialValues(specs, 1);
const facts: TrainingFacts = {
  trainedSteps: 12,
  isAverage: true,
  dataset: "MNIST",
  lastEpoch: null,
  startedFrom: null,
};
const options = { config, values, facts, baseName: "digits-12-steps" };

beforeAll(async () => {
  await tf.setBackend("wasm");
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A page's way to both files in a folder of its server. */
function byHttp(files: readonly ExportedFile[]): tf.io.IOHandler {
  const folder = "https://host/exports/";
  const served = new Map(files.map(({ fileName, bytes }) => [folder + fileName, bytes]));
  const fetchFunc: typeof fetch = async (url) => {
    const bytes = served.get(String(url));
    return new Response(bytes ?? null, { status: bytes ? 200 : 404 });
  };
  return tf.io.http(`${folder}${files[0]?.fileName}`, { fetchFunc });
}

/** A page's way to both files when its user picks them. */
function byBrowserFiles(files: readonly ExportedFile[]): tf.io.IOHandler {
  vi.stubGlobal("FileReader", FileReaderOfNode);
  return tf.io.browserFiles(files.map(({ fileName, bytes }) => new File([bytes], fileName)));
}

/** As much of the browser's as `tf.io.browserFiles` needs. */
class FileReaderOfNode {
  onload: ((event: { target: { result: unknown } }) => void) | null = null;
  async readAsText(file: File) {
    this.onload?.({ target: { result: await file.text() } });
  }
  async readAsArrayBuffer(file: File) {
    this.onload?.({ target: { result: await file.arrayBuffer() } });
  }
}

async function load(handler: tf.io.IOHandler): Promise<tf.io.ModelArtifacts> {
  if (!handler.load) throw new Error("This handler only saves.");
  return handler.load();
}

function decode({ weightData, weightSpecs }: tf.io.ModelArtifacts): tf.NamedTensorMap {
  if (!weightData || !weightSpecs) throw new Error("These artifacts have no weights.");
  return tf.io.decodeWeights(weightData, weightSpecs);
}

/** What can be compared: name, shape, type and values of each. */
function contents(tensors: tf.NamedTensorMap) {
  return Object.entries(tensors).map(([name, tensor]) => {
    return { name, shape: tensor.shape, dtype: tensor.dtype, values: tensor.dataSync() };
  });
}

describe("TensorFlow.js artifacts", () => {
  it.each([
    ["tf.io.http", byHttp],
    ["tf.io.browserFiles", byBrowserFiles],
  ])("give %s every parameter of the network as it is", async (_, handlerOf) => {
    const decoded = decode(await load(handlerOf(await encodeTfjsArtifacts(options))));
    const ofNetwork = splitParameters(specs, tf.tensor1d(values));
    const expected = Object.fromEntries(
      specs.map(({ name }, i) => [name, ofNetwork[i] as tf.Tensor]),
    );
    expect(contents(decoded)).toEqual(contents(expected));
    tf.dispose([decoded, ofNetwork]);
  });

  it("have the library's names and TensorFlow's layout", async () => {
    const { weightSpecs = [] } = await load(byHttp(await encodeTfjsArtifacts(options)));
    const shapes = new Map(weightSpecs.map(({ name, shape }) => [name, shape]));
    expect(shapes.get("init_conv.weight")).toEqual([7, 7, 1, 4]);
    expect(shapes.get("time_mlp.1.weight")).toEqual([4, 16]);
    expect(shapes.get("downs.0.0.block1.norm.g")).toEqual([4]);
  });

  it("tell configuration and facts, whichever there are, as objects", async () => {
    const moreFacts = { ...facts, addedLater: { loss: 0.03 } };
    const files = await encodeTfjsArtifacts({ ...options, facts: moreFacts });
    const { userDefinedMetadata } = await load(byHttp(files));
    expect(userDefinedMetadata).toEqual({ config, training: moreFacts });
  });

  it("name who wrote them, and claim no format of a model they do not hold", async () => {
    const artifacts = await load(byHttp(await encodeTfjsArtifacts(options)));
    expect(artifacts).toMatchObject({
      generatedBy: `TensorFlow.js tfjs-core v${tf.version_core}`,
      convertedBy: null,
      modelTopology: {},
    });
    expect(artifacts.format).toBeUndefined();
  });

  it("are two files that stand side by side, the second of 4 bytes a parameter", async () => {
    const files = await encodeTfjsArtifacts(options);
    expect(files.map(({ fileName }) => fileName)).toEqual([
      "digits-12-steps.model.json",
      "digits-12-steps.model.weights.bin",
    ]);
    expect(files[1]?.bytes).toHaveLength(4 * values.length);
  });

  it("leave no tensors behind and the values theirs who gave them", async () => {
    const before = tf.memory().numTensors;
    const given = values.slice();
    const [, weights] = await encodeTfjsArtifacts({ ...options, values: given });
    weights?.bytes.fill(0);
    expect(tf.memory().numTensors).toBe(before);
    expect(given).toEqual(values);
  });

  it("are not made of too few or too many values", async () => {
    for (const wrong of [values.subarray(1), Float32Array.of(...values, 0)]) {
      await expect(encodeTfjsArtifacts({ ...options, values: wrong })).rejects.toThrow(
        `${values.length} parameters, got ${wrong.length}`,
      );
    }
  });
});
