import { messageOf } from "../../engine/messageOf.ts";
import { ENCODERS } from "../../runtime/files/exportRun.ts";
import type { ExportedFile } from "../../runtime/files/runFormats.ts";
import type { Post } from "../../runtime/run/events.ts";
import type { Network } from "../../runtime/run/network.ts";
import type { SaveRequest } from "./protocol.ts";

/** Sends a network to the page in the files that were asked for. */
export async function saveWeights(
  network: Network,
  request: SaveRequest,
  post: Post,
): Promise<void> {
  try {
    const files = await filesOf(network, request);
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
  { weights, format }: SaveRequest,
): Promise<ExportedFile[]> {
  if (source.kind === "untrained") {
    throw new Error("There is no trained network to save: train one first, or load one.");
  }
  const { values: tensor } = denoiser(weights);
  const values = await tensor.data<"float32">();
  tensor.dispose();
  const facts = factsOf(weights);
  const steps = facts.trainedSteps === null ? "" : `-${facts.trainedSteps}-steps`;
  const baseName = `diffusion-mnist${steps}${hasAverage && weights === "raw" ? "-latest" : ""}`;
  return ENCODERS.weights[format]({ config, values, facts }, baseName, () => {});
}
