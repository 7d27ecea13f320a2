import type { ImagesCommand, ImagesReply } from "../../../../hosts/images/protocol.ts";
import { startImagesWorker } from "../../../state/client/workers.ts";

type ReplyOf<Type extends ImagesReply["type"]> = Extract<ImagesReply, { type: Type }>;

/**
 * Has a worker of its own do one piece of work.
 *
 * @param type of the reply that ends it
 * @param options.onProgress told how far it is, 0 to 1
 * @throws Error which says why the worker failed; the reason of `signal` when it is aborted
 */
export async function askImagesWorker<Type extends ImagesReply["type"]>(
  command: ImagesCommand,
  type: Type,
  options: {
    transfer?: Transferable[];
    onProgress?: (fraction: number) => void;
    signal?: AbortSignal;
  } = {},
): Promise<ReplyOf<Type>> {
  const { transfer = [], onProgress, signal } = options;
  const worker = startImagesWorker();
  try {
    return await new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      worker.addEventListener("message", ({ data }: MessageEvent<ImagesReply>) => {
        if (data.type === type) resolve(data as ReplyOf<Type>);
        else if (data.type === "failed") reject(new Error(data.message));
        else if (data.type === "progress") onProgress?.(data.numDone / data.total);
      });
      worker.addEventListener("error", ({ message }) =>
        reject(
          new Error(`The images could not be read (${message}). Reload the page and try again.`),
        ),
      );
      worker.postMessage(command, transfer);
    });
  } finally {
    worker.terminate();
  }
}
