import { messageOf } from "../../../engine/messageOf.ts";
import { unturned } from "../../../engine/shortenedText.ts";
import type { CommandOf, SaveRequest } from "../../../hosts/worker/protocol.ts";
import { afterFile, afterSaving, afterUnreadable } from "../opening.ts";
import { saveFile } from "../saveFile.ts";
import { noticed, withoutSource } from "../slices/notices.ts";
import { showOrigin } from "../slices/samples.ts";
import { formWithout, withoutReading, withProgress, withReading } from "../slices/weights.ts";
import type { TrainedModelFile } from "../trainedModels.ts";
import type { ClientContext } from "./clientContext.ts";
import type { ModelDownloads } from "./modelDownloads.ts";

/** @param others.startRequested starts a run that waits for a file */
export function weightsClient(
  { store, link, request }: ClientContext,
  { startRequested, downloads }: { startRequested: () => void; downloads: ModelDownloads },
) {
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
    /** Loads the weights of a stored run for a run with settings of its own; the form stays. */
    loadRunWeights(runId: string, name: string) {
      void read(name, (requestId) => ({ type: "loadRunWeights", requestId, runId, name }), true);
    },
    /**
     * Loads a network that comes with the app.
     *
     * @param keepsForm whether the form stays as it is, or else gets the settings that come with it
     * @returns whether it is there, and nothing else was asked for meanwhile
     */
    async loadTrainedModel(fileName: TrainedModelFile, keepsForm = false): Promise<boolean> {
      store.setState(({ weights }) => ({ weights: withReading(weights, fileName) }));
      numLoads += 1;
      const load = numLoads;
      try {
        const file = await downloads.file(fileName);
        if (load !== numLoads) return false;
        openFile(file, keepsForm);
        return true;
      } catch (error) {
        if (load === numLoads) refuse(fileName, messageOf(error), true);
        return false;
      }
    },
    /** The next run begins anew, and what they brought into the form goes. */
    forgetWeights() {
      store.setState(formWithout);
      // What they drew would stand under the name of the run.
      store.setState(({ run, samples }) =>
        run ? { samples: showOrigin(samples, "preview") } : {},
      );
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
