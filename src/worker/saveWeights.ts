import { messageOf } from "../messageOf.ts";
import { encodeWeights } from "../train/weightsFile.ts";
import type { SampleJobOptions } from "./sampleJob.ts";
import type { TrainingRun } from "./trainingRun.ts";

/** Sends the weights that samples are drawn from to the page, as a file PyTorch reads. */
export async function saveWeights(
  { runId, session }: TrainingRun,
  post: SampleJobOptions["post"],
): Promise<void> {
  const { config, numSteps: trainedSteps } = session;
  try {
    const values = await session.sampler.values.data<"float32">();
    const facts = { trainedSteps, isAverage: config.emaDecay > 0 };
    const bytes = encodeWeights({ config, values, facts, dtype: "F32" });
    const fileName = `diffusion-mnist-${trainedSteps}-steps.safetensors`;
    post({ type: "weightsSaved", runId, fileName, bytes }, [bytes.buffer]);
  } catch (error) {
    post({ type: "weightsFailed", runId, message: messageOf(error) });
  }
}
