/** The files of the trained models that come with the page. */
import { messageOf } from "../../../engine/messageOf.ts";
import type { TrainedModelFile } from "../trainedModels.ts";

export type ModelDownloads = ReturnType<typeof modelDownloads>;

/** Each is downloaded once for as long as the page is open, and again where that failed. */
export function modelDownloads() {
  const files = new Map<TrainedModelFile, Promise<File>>();
  return {
    /** @throws Error when it is not available: its URL, why, and what to do */
    file(fileName: TrainedModelFile): Promise<File> {
      const known = files.get(fileName);
      if (known) return known;
      const file = download(fileName);
      files.set(fileName, file);
      file.catch(() => files.delete(fileName));
      return file;
    },
    /** Downloads it anew when it is asked for next, since what came is no network. */
    forget(fileName: TrainedModelFile): void {
      files.delete(fileName);
    },
  };
}

async function download(fileName: TrainedModelFile): Promise<File> {
  const folder = new URL(import.meta.env.BASE_URL, document.baseURI);
  const url = new URL(`models/${fileName}.gz`, folder).href;
  try {
    const response = await fetch(url);
    if (response.ok) return new File([await plainBytes(await response.blob())], fileName);
    throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
  } catch (error) {
    throw new Error(
      `Could not download ${url} (${messageOf(error)}). Check the network connection and try again, or train a network yourself.`,
      { cause: error },
    );
  }
}

/** Decompressed, where no server or browser has done so before. */
async function plainBytes(blob: Blob): Promise<Blob> {
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return blob;
  try {
    return await new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).blob();
  } catch {
    throw new Error("the file came damaged");
  }
}
