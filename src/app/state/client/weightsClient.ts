import { messageOf } from "../../../engine/messageOf.ts";
import { unturned } from "../../../engine/shortenedText.ts";
import type { CommandOf, SaveRequest } from "../../../hosts/worker/protocol.ts";
import { withoutSource } from "../slices/notices.ts";
import { formWithout } from "../slices/weights.ts";
import type { TrainedModelFile } from "../trainedModels.ts";
import type { ClientContext } from "./clientContext.ts";

export function weightsClient({ store, link, dispatch }: ClientContext) {
  /** Files asked for: a download is dropped when another file was chosen meanwhile. */
  let numLoads = 0;

  /** @param keepsForm whether the form stays as it is, or else gets the settings that come with them */
  function read(
    name: string,
    command: CommandOf<"openFile" | "loadRunWeights">,
    keepsForm: boolean,
  ) {
    const { backend, weights } = store.getState();
    // Without a backend the worker may be gone, and nobody would answer.
    if (backend.status === "failed") {
      store.setState({ weights: { ...weights, loading: null } });
      return;
    }
    numLoads += 1;
    store.setState(({ weights, notices }) => ({
      weights: {
        ...weights,
        loading: name,
        loadedFraction: null,
        importedFraction: null,
        keepsForm,
      },
      notices: withoutSource(notices, "weights", "images"),
    }));
    link.post(command);
  }

  /** Loads a safetensors file to sample from and to begin the next run with; a whole run is stored. */
  function openFile(chosen: File, keepsForm = false) {
    // Its name will stand in many sentences.
    const name = unturned(chosen.name);
    const file = name === chosen.name ? chosen : new File([chosen], name);
    read(name, { type: "openFile", file, config: store.getState().config }, keepsForm);
  }

  return {
    openFile: (file: File) => openFile(file),
    /** Loads those of a stored run, likewise, for a run with settings of its own. */
    loadRunWeights(runId: string, name: string) {
      read(name, { type: "loadRunWeights", runId, name }, true);
    },
    /**
     * Loads a network that comes with the app.
     *
     * @param keepsForm whether the form stays as it is, or else gets the settings that come with it
     */
    async loadTrainedModel(fileName: TrainedModelFile, keepsForm = false) {
      const { weights } = store.getState();
      store.setState({ weights: { ...weights, loading: fileName, loadedFraction: null } });
      numLoads += 1;
      const load = numLoads;
      try {
        const file = await fetchTrainedModel(fileName);
        if (load === numLoads) openFile(file, keepsForm);
      } catch (error) {
        if (load !== numLoads) return;
        const message = messageOf(error);
        dispatch({ type: "weightsNotLoaded", fileName, message });
      }
    },
    /** The next run begins anew, and what they brought into the form goes. */
    forgetWeights() {
      store.setState(formWithout);
      link.post({ type: "forgetWeights" });
    },
    /** Downloads the network that digits are drawn from. */
    saveWeights(request: SaveRequest) {
      link.post({ type: "saveWeights", request, config: store.getState().config });
    },
  };
}

/** @throws Error when it is not available: its URL, why, and what to do */
export async function fetchTrainedModel(fileName: TrainedModelFile): Promise<File> {
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
