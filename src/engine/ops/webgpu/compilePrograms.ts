import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { env } from "@tensorflow/tfjs-core";
import { pendingPipelines } from "./pipelines.ts";

export interface CompileProgress {
  numCompiled: number;
  numPrograms: number;
}

/** The driver, or the browser's compiler before it, does not take a program. */
export class ProgramRefusedError extends Error {
  override name = "ProgramRefusedError";
}

/**
 * Compiles all programs that `rehearse` runs, in parallel and without blocking. Otherwise the first real
 * step would compile them one by one, and wait for each. Tensors made by `rehearse` have no values.
 *
 * @throws ProgramRefusedError once all are compiled but those that are refused
 */
export async function compilePrograms(
  backend: WebGPUBackend,
  rehearse: () => void,
  onProgress: (progress: CompileProgress) => void,
): Promise<void> {
  // Stock operations on small tensors would compute on the processor, where the values are missing.
  const onProcessor = env().getBool("WEBGPU_CPU_FORWARD");
  env().set("WEBGPU_CPU_FORWARD", false);
  env().set("WEBGPU_ENGINE_COMPILE_ONLY", true);
  try {
    rehearse();
  } finally {
    env().set("WEBGPU_ENGINE_COMPILE_ONLY", false);
    env().set("WEBGPU_CPU_FORWARD", onProcessor);
  }
  const { pipelineCache } = backend as unknown as { pipelineCache: Record<string, unknown> };
  const stock = Object.entries(pipelineCache).filter(([, pipeline]) => pipeline instanceof Promise);
  const pending = [...pendingPipelines(backend.device), ...stock];
  const refused: string[] = [];
  let numCompiled = 0;
  await Promise.all(
    pending.map(async ([key, pipeline]) => {
      try {
        await pipeline;
      } catch (error) {
        refused.push(`${key}: ${(error as Error).message}`);
      }
      onProgress({ numCompiled: ++numCompiled, numPrograms: pending.length });
    }),
  );
  if (refused.length > 0) {
    throw new ProgramRefusedError(
      `${refused.length} of ${pending.length} programs were refused, the first of them ${refused[0]}`,
    );
  }
  // Replaces the promises of stock pipelines by the pipelines.
  await backend.checkCompileCompletionAsync();
}
