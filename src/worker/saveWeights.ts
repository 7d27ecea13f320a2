import { messageOf } from "../messageOf.ts";
import { encodeTfjsArtifacts } from "../train/tfjsArtifacts.ts";
import { encodeWeights } from "../train/weightsFile.ts";
import type { Network } from "./network.ts";
import type { Post, SaveRequest } from "./protocol.ts";

/** Sends a network to the page in the files that were asked for. */
export async function saveWeights(
  network: Network,
  { weights, format }: SaveRequest,
  post: Post,
): Promise<void> {
  try {
    const files = await filesOf(network, weights, format);
    post(
      { type: "weightsSaved", files },
      files.map(({ bytes }) => bytes.buffer),
    );
  } catch (error) {
    post({ type: "weightsNotSaved", message: messageOf(error) });
  }
}

async function filesOf(
  { config, facts: factsOf, denoiser, hasAverage, source }: Network,
  weights: SaveRequest["weights"],
  format: SaveRequest["format"],
): Promise<{ fileName: string; bytes: Uint8Array<ArrayBuffer> }[]> {
  if (source.kind === "untrained") {
    throw new Error("There is no trained network to save: train one first, or load one.");
  }
  const { values: tensor } = denoiser(weights);
  const values = await tensor.data<"float32">();
  tensor.dispose();
  const facts = factsOf(weights);
  const steps = facts.trainedSteps === null ? "" : `-${facts.trainedSteps}-steps`;
  const baseName = `diffusion-mnist${steps}${hasAverage && weights === "raw" ? "-latest" : ""}`;
  switch (format) {
    case "tfjs":
      return encodeTfjsArtifacts({ config, values, facts, baseName });
    case "float32":
      return [
        {
          fileName: `${baseName}.safetensors`,
          bytes: encodeWeights({ config, values, facts, dtype: "F32" }),
        },
      ];
    case "float16":
      return [
        {
          fileName: `${baseName}-float16.safetensors`,
          bytes: encodeWeights({ config, values, facts, dtype: "F16" }),
        },
      ];
    default:
      throw format satisfies never;
  }
}
