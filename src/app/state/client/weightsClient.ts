import { messageOf } from "../../../engine/messageOf.ts";
import { unturned } from "../../../engine/shortenedText.ts";
import type { CommandOf, SaveRequest } from "../../../hosts/worker/protocol.ts";
import { afterFile, afterSaving, afterUnreadable } from "../opening.ts";
import { saveFile } from "../saveFile.ts";
import { noticed, withoutSource } from "../slices/notices.ts";
import { formWithout, withoutReading, withProgress, withReading } from "../slices/weights.ts";
import type { TrainedModelFile } from "../trainedModels.ts";
import type { ClientContext } from "./clientContext.ts";

/** @param startRequested starts a run that waits for a file */
export function weightsClient({ store, link, request }: ClientContext, startRequested: () => void) {
  /** Files asked for: what comes of one is dropped when another was chosen meanwhile. */
  let numLoads = 0;

  /**
   * @param name of the file
   * @param command makes the command, given the id of the request
   * @param keepsForm whether the form stays as it is, or else gets the settings that come with them
   */
  async function read(
    name: string,
    command: (requestId: string) => CommandOf<"openFile" | "loadRunWeights">,
    keepsForm: boolean,
  ): Promise<void> {
    const { backend, weights } = store.getState();
    // Without a backend the worker may be gone, and nobody would answer.
    if (backend.status === "failed") {
      store.setState({ weights: { ...weights, loading: null } });
      return;
    }
    numLoads += 1;
    const load = numLoads;
    store.setState(({ weights, notices }) => ({
      weights: withReading(weights, name),
      notices: withoutSource(notices, "weights", "images"),
    }));
    const answer = request("weights", command);
    for await (const part of answer.parts) {
      if (load === numLoads) {
        store.setState(({ weights }) => ({ weights: withProgress(weights, part) }));
      }
    }
    const outcome = await answer.done;
    const isNewest = load === numLoads;
    if (outcome.status === "done") {
      store.setState((state) => afterFile(state, outcome.end, { isNewest, keepsForm }));
    } else if (outcome.status === "failed" && !outcome.isLost) {
      refuse(name, outcome.message, isNewest);
    } else if (isNewest) {
      store.setState(({ weights }) => ({ weights: withoutReading(weights) }));
    }
    startRequested();
  }

  /** Says why a file was not read. */
  function refuse(name: string, message: string, isNewest: boolean) {
    store.setState((state) => afterUnreadable(state, { name, message, isNewest }));
    startRequested();
  }

  /** Loads a safetensors file to sample from and to begin the next run with; a whole run is stored. */
  function openFile(chosen: File, keepsForm = false) {
    // Its name will stand in many sentences.
    const name = unturned(chosen.name);
    const file = name === chosen.name ? chosen : new File([chosen], name);
    const { config } = store.getState();
    void read(name, (requestId) => ({ type: "openFile", requestId, file, config }), keepsForm);
  }

  return {
    openFile: (file: File) => openFile(file),
    /** Refuses dropped files; none is read. */
    refuseFiles: (message: string) => refuse("The weights", message, false),
    /** Loads those of a stored run, likewise, for a run with settings of its own. */
    loadRunWeights(runId: string, name: string) {
      void read(name, (requestId) => ({ type: "loadRunWeights", requestId, runId, name }), true);
    },
    /**
     * Loads a network that comes with the app.
     *
     * @param keepsForm whether the form stays as it is, or else gets the settings that come with it
     */
    async loadTrainedModel(fileName: TrainedModelFile, keepsForm = false) {
      store.setState(({ weights }) => ({ weights: withReading(weights, fileName) }));
      numLoads += 1;
      const load = numLoads;
      try {
        const file = await fetchTrainedModel(fileName);
        if (load === numLoads) openFile(file, keepsForm);
      } catch (error) {
        if (load === numLoads) refuse(fileName, messageOf(error), true);
      }
    },
    /** The next run begins anew, and what they brought into the form goes. */
    forgetWeights() {
      store.setState(formWithout);
      link.post({ type: "forgetWeights" });
    },
    /** Downloads the network that digits are drawn from. */
    async saveWeights(asked: SaveRequest) {
      const { config } = store.getState();
      const answer = request("saving", (requestId) => ({
        type: "saveWeights",
        requestId,
        request: asked,
        config,
      }));
      const outcome = await answer.done;
      if (outcome.status === "done") {
        for (const file of outcome.end.files) saveFile(file);
        store.setState(afterSaving);
      } else if (outcome.status === "failed" && !outcome.isLost) {
        const { message } = outcome;
        store.setState((state) => noticed(state, "The weights were not saved", message));
      }
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
