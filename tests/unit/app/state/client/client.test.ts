import { afterEach, describe, expect, it, vi } from "vitest";
import { comparedRuns } from "../../../../../src/app/features/runs/compare/comparedRuns.ts";
import { saveWhenHidden } from "../../../../../src/app/state/client/background.ts";
import { cursorStep, heldAt } from "../../../../../src/app/state/slices/cursor.ts";
import { identityOf } from "../../../../../src/engine/data/datasets.ts";
import type { CommandOf } from "../../../../../src/hosts/worker/protocol.ts";
import { recordAt } from "../../shared/storedRecord.ts";
import { filePair, page, ready } from "../clientPage.ts";
import { stepAt, withRun } from "../eventStates.ts";

afterEach(() => void vi.unstubAllGlobals());

const SAMPLE = {
  count: 4,
  seed: 0,
  weights: "ema",
  givesX0: false,
  sampler: { kind: "ancestral" },
  network: { kind: "current" },
  start: { kind: "noise" },
  condition: null,
} as const;

describe("the client", () => {
  it("begins with the choice of backend", () => {
    expect(page().commands).toEqual([
      { type: "init", backend: "auto", fallback: null, proof: null, submitShare: 1 },
    ]);
  });

  it("hands over the streams of a dataset", async () => {
    const { client, commands, transfers, posted } = page();
    client.loadFiles(filePair);
    await expect.poll(() => posted("loadDataset")).toHaveLength(1);
    const command = commands.at(-1);
    const streams = command?.type === "loadDataset" ? command.files.map((f) => f.stream) : [];
    expect(streams).toHaveLength(2);
    expect(transfers.at(-1)).toEqual(streams);
  });

  it("loads nothing where there is nothing to compute on", () => {
    const { client, store, tell } = page();
    tell({ type: "fault", cause: "error", message: "Out of memory", details: "" });
    client.loadFiles(filePair);
    expect(store.getState().dataset.loading).toBeNull();
  });

  it("opens no run where there is nothing to compute on", () => {
    const { client, store, tell, posted } = page();
    tell({ type: "fault", cause: "error", message: "Out of memory", details: "" });
    client.openRun("a");
    expect(posted("openRun")).toHaveLength(0);
    expect(store.getState().stored.opening).toBeNull();
  });

  it("asks the next worker for the compared runs that the last one did not read", async () => {
    const { client, store, tell, posted } = page();
    const [a, b] = [
      { ...recordAt(5), runId: "a" },
      { ...recordAt(5), runId: "b" },
    ];
    tell({ type: "runs", runs: [a, b] });
    client.readCompared();
    const [first] = posted("readRun") as CommandOf<"readRun">[];
    const read = { steps: [], epochs: [], snapshots: [] };
    tell({ type: "runRead", requestId: first?.requestId ?? "", ...read });
    await new Promise(setImmediate);
    // This one starts no other by itself.
    tell({ type: "fault", cause: "error", message: "Something broke.", details: "" });
    const ofB = () => comparedRuns(store.getState()).find(({ runId }) => runId === "b");
    expect(ofB()).toEqual({ runId: "b", run: null, problem: "Something broke." });
    client.readCompared();
    expect(posted("readRun")).toHaveLength(2);
    client.remedy("restart");
    client.readCompared();
    expect(posted("readRun").slice(2)).toMatchObject([{ runId: "a" }, { runId: "b" }]);
    expect(ofB()).toEqual({ runId: "b", run: null, problem: null });
  });

  it.each([
    ["Chrome to keep the runs, which it decides by itself", "Chrome/141.0 Safari/537.36", 1],
    ["Firefox nothing, which would ask the person", "Firefox/140.0", 0],
  ])("asks %s", (_, userAgent, numCalls) => {
    const persist = vi.fn(async () => true);
    vi.stubGlobal("navigator", { userAgent, storage: { persist } });
    const { client } = page();
    expect(persist).not.toHaveBeenCalled();
    client.train();
    expect(persist).toHaveBeenCalledTimes(numCalls);
  });

  it("trains where the browser refuses to be asked", async () => {
    const refusing = {
      get: () => {
        throw new DOMException("The operation is insecure.", "SecurityError");
      },
    };
    vi.stubGlobal("navigator", Object.defineProperties({ userAgent: "" }, { storage: refusing }));
    const { client, tell, load, posted } = page();
    tell(ready);
    await load();
    client.train();
    expect(posted("train")).toHaveLength(1);
  });

  it("calls no error what goes on by itself; of what fails again the newest stays", () => {
    const { store, tell } = page();
    const tones = () => store.getState().notices.map(({ tone }) => tone);
    tell({ type: "fault", cause: "deviceLost", message: "It is gone.", details: "" });
    expect(tones()).toEqual(["info"]);
    tell({ type: "fault", cause: "error", message: "Something broke.", details: "" });
    expect(tones()).toEqual(["error"]);
  });

  it("says that a dropped folder is empty, and keeps the images", async () => {
    const { client, store, tell, load, posted } = page();
    tell(ready);
    await load();
    const { current } = store.getState().dataset;
    const numLoaded = posted("loadDataset").length;
    client.loadSources([]);
    await expect.poll(() => store.getState().notices).toHaveLength(1);
    expect(store.getState().notices[0]?.message).toContain("the folder is empty");
    expect(store.getState().dataset).toMatchObject({ current, loading: null });
    expect(posted("loadDataset")).toHaveLength(numLoaded);
  });

  it("says at once when files are no dataset", async () => {
    const { client, store, posted } = page();
    client.loadFiles([new File([], "holiday.txt")]);
    await expect.poll(() => store.getState().notices).toHaveLength(1);
    expect(store.getState().notices[0]?.message).toContain("holiday.txt");
    expect(posted("loadDataset")).toHaveLength(0);
  });

  it("shows pictures and archives before they become a set", () => {
    const { client, store, posted } = page();
    const files = [new File([], "holiday.JPG"), new File([], "more.zip"), new File([], "a.txt")];
    client.loadFiles(files);
    expect(store.getState().importing?.map(({ path }) => path)).toEqual([
      "holiday.JPG",
      "more.zip",
      "a.txt",
    ]);
    expect(posted("loadDataset")).toHaveLength(0);
    expect(store.getState().notices).toEqual([]);
  });

  it("remembers Train until the images and the backend are there", async () => {
    const { client, store, tell, posted, load } = page();
    client.train();
    await load();
    expect(posted("train")).toHaveLength(0);
    tell(ready);
    expect(posted("train")).toHaveLength(1);
    expect(store.getState()).toMatchObject({
      trainRequested: false,
      run: { status: null, dataset: identityOf("files") },
    });
    const { run, evolution } = store.getState();
    expect(evolution).toEqual({ runId: run?.runId, snapshots: [] });
  });

  it("forgets the step that was held of the run before", async () => {
    const { client, store, tell, load } = page();
    await load();
    tell(ready);
    store.setState(heldAt(0));
    client.train();
    expect(cursorStep(store.getState())).toBeNull();
  });

  it("forgets a Train that was taken back", async () => {
    const { client, tell, posted, load } = page();
    client.train();
    client.cancelTrain();
    await load();
    tell(ready);
    expect(posted("train")).toHaveLength(0);
  });

  it("does not start with settings that cannot run", async () => {
    const { client, store, tell, posted, load } = page("preset=tiny&batchSize=0");
    await load();
    tell(ready);
    client.train();
    expect(posted("train")).toHaveLength(0);
    expect(store.getState().trainRequested).toBe(false);
  });

  it("asks the worker, and changes the status only on its word", async () => {
    const { client, store, tell, posted, load } = page();
    await load();
    tell(ready);
    client.train();
    const runId = store.getState().run?.runId ?? "";
    tell({ type: "runStatus", runId, status: "training" });
    client.ask("pause");
    expect(posted("pause")).toEqual([{ type: "pause", runId }]);
    expect(store.getState().run).toMatchObject({ status: "training", asked: "pause" });
    tell({ type: "runStatus", runId, status: "paused" });
    expect(store.getState().run).toMatchObject({ status: "paused", asked: null });
  });

  it("trains a stored run on once the worker has opened no other, and halves its rate", async () => {
    const { client, store, tell, posted, load } = page();
    const { dataset } = recordAt(5);
    const run = recordAt(5, { dataset: { ...dataset, id: "files", name: "Mine" } });
    tell({ type: "runs", runs: [run] });
    client.openRun("a");
    expect(posted("openRun")).toEqual([{ type: "openRun", runId: "a" }]);
    expect(store.getState().stored.opening).toBe("a");
    client.continueRun({ runId: "a", learningRateFactor: 1 });
    await load();
    tell(ready);
    expect(posted("continueRun")).toHaveLength(0);
    tell({ type: "runNotOpened", runId: "a", message: "Damaged." });
    expect(posted("continueRun")).toMatchObject([{ runId: "a", learningRateFactor: 1 }]);
    expect(store.getState()).toMatchObject({ continueRequested: null, stored: { opening: "a" } });
  });

  it("halves the learning rate of the run on the screen when that is clicked", () => {
    const { client, store } = page();
    client.remedy("halveLearningRate");
    expect(store.getState().continueRequested).toBeNull();
    store.setState(withRun());
    client.remedy("halveLearningRate");
    const request = { runId: "run-1", learningRateFactor: 0.5 };
    expect(store.getState().continueRequested).toEqual(request);
  });

  it("gives each run a name of its own", () => {
    const { client, store, tell, posted } = page();
    tell({ type: "runs", runs: [recordAt(5), recordAt(5, { runId: "b", name: "Mine" })] });
    client.renameRun("a", "Mine");
    // Its own is not taken.
    client.renameRun("b", "Mine");
    const names = posted("renameRun").map((command) => "name" in command && command.name);
    expect(names[0]).not.toBe("Mine");
    expect(names[0]).toContain("Mine");
    expect(names[1]).toBe("Mine");
    store.setState(withRun({ name: "Shown" }));
    client.renameRun("a", "Shown");
    expect(posted("renameRun").at(-1)).not.toMatchObject({ name: "Shown" });
  });

  it("deletes and exports a run, as often as it is asked to", async () => {
    const { client, store, answer, posted } = page();
    client.deleteRun("a");
    expect(posted("deleteRun")).toEqual([{ type: "deleteRun", runId: "a" }]);
    void client.exportRun("a", "csv");
    void client.exportRun("b", "run");
    void client.exportRun("a", "tfevents");
    const exporting = () => store.getState().stored.exporting;
    expect(posted("exportRun").map((c) => "format" in c && c.format)).toEqual([
      ...["csv", "run", "tfevents"],
    ]);
    await answer("exportRun", { type: "exportProgress", fraction: 0.5 });
    expect(store.getState().stored.progress).toEqual({ runId: "a", fraction: 0.5 });
    await answer("exportRun", { type: "requestFailed", message: "Gone." });
    expect(exporting()).toEqual(["b", "a"]);
    expect(store.getState().stored.progress).toBeNull();
    expect(store.getState().notices).toMatchObject([
      { title: "The run was not exported", message: "Gone." },
    ]);
  });

  it("saves a checkpoint of a run that goes on, or has more than was saved", () => {
    const { client, store, posted } = page();
    client.saveCheckpoint();
    store.setState(withRun({ status: "finished", steps: [stepAt(5)], checkpointStep: 5 }));
    client.saveCheckpoint();
    expect(posted("saveCheckpoint")).toHaveLength(0);
    store.setState(withRun({ status: "stopped", steps: [stepAt(5)], checkpointStep: 4 }));
    client.saveCheckpoint();
    store.setState(withRun({ status: "training" }));
    client.saveCheckpoint();
    expect(posted("saveCheckpoint")).toHaveLength(2);
  });

  it("asks a run that has ended for nothing", () => {
    const { client, store, posted } = page();
    store.setState(withRun({ status: "stopped" }));
    client.ask("pause");
    expect(posted("pause")).toHaveLength(0);
    expect(store.getState().run?.asked).toBeNull();
  });

  it("keeps a run that goes on when another Train is clicked, until it has ended", async () => {
    const { client, store, tell, posted, load } = page();
    await load();
    tell(ready);
    client.train();
    const runId = store.getState().run?.runId ?? "";
    client.train();
    expect(posted("train")).toHaveLength(1);
    tell({ type: "runStatus", runId, status: "stopped" });
    expect(posted("train")).toHaveLength(2);
  });

  it("measures quality, and ends the measurement that goes on", async () => {
    const { client, store, tell, posted } = page();
    client.cancelEvaluation();
    expect(posted("cancel")).toHaveLength(0);
    const sampler = { kind: "ancestral" } as const;
    const network = { kind: "current" } as const;
    void client.evaluate({ count: 100, seed: 0, weights: "ema", guidance: null, sampler, network });
    const { request } = store.getState().evaluation;
    const { config } = store.getState();
    expect(posted("evaluate")).toEqual([{ type: "evaluate", request, config }]);
    client.cancelEvaluation();
    const requestId = request?.requestId ?? "";
    expect(posted("cancel")).toEqual([{ type: "cancel", requestId }]);
    tell({ type: "requestCancelled", requestId });
    await expect.poll(() => store.getState().evaluation.request).toBeNull();
    expect(store.getState().evaluation).toMatchObject({ request: null, failure: null });
  });

  it("saves whenever the page is hidden or left, since it may never be back", () => {
    const [document, window] = [new EventTarget(), new EventTarget()];
    vi.stubGlobal("document", Object.assign(document, { visibilityState: "visible" }));
    vi.stubGlobal("window", window);
    const saveCheckpoint = vi.fn();
    saveWhenHidden({ saveCheckpoint });
    document.dispatchEvent(new Event("visibilitychange"));
    expect(saveCheckpoint).not.toHaveBeenCalled();
    vi.stubGlobal("document", Object.assign(document, { visibilityState: "hidden" }));
    document.dispatchEvent(new Event("visibilitychange"));
    window.dispatchEvent(new Event("pagehide"));
    expect(saveCheckpoint).toHaveBeenCalledTimes(2);
  });

  it("cancels the sample that it asked for", () => {
    const { client, posted } = page();
    client.cancelSample();
    expect(posted("cancel")).toHaveLength(0);
    void client.drawInTrain(SAMPLE);
    const [sample] = posted("sample");
    client.cancelSample();
    // It is ended once.
    client.cancelSample();
    const sampleId = sample?.type === "sample" ? sample.request.sampleId : "";
    expect(posted("cancel")).toEqual([{ type: "cancel", requestId: sampleId }]);
  });

  it("tells that digits could not be drawn, and why", async () => {
    const { client, store, tell, posted } = page();
    tell(ready);
    const drawn = client.drawInTrain(SAMPLE);
    const [sample] = posted("sample");
    const sampleId = sample?.type === "sample" ? sample.request.sampleId : "";
    tell({ type: "sampleFailed", sampleId, message: "No memory." });
    await drawn;
    const { samples, notices } = store.getState();
    expect(samples.requestedId).toBeNull();
    expect(notices).toMatchObject([{ title: "Sampling failed", message: "No memory." }]);
  });

  it("loads the page anew where nothing else helps", () => {
    const reload = vi.fn();
    vi.stubGlobal("window", { location: { reload } });
    page().client.remedy("reloadPage");
    expect(reload).toHaveBeenCalledOnce();
  });

  it("shows that a message of the worker could not be read", () => {
    const { store, worker } = page();
    worker.onmessageerror?.call(worker as Worker, new MessageEvent("messageerror"));
    expect(store.getState().notices).toMatchObject([{ tone: "error", remedies: ["restart"] }]);
  });

  it("shows an error that the worker did not catch", () => {
    const { store, worker } = page();
    const error = Object.assign(new Event("error"), {
      message: "boom",
      filename: "worker.js",
      lineno: 3,
      colno: 7,
      error: null,
    });
    worker.onerror?.call(worker as Worker, error);
    const [notice] = store.getState().notices;
    expect(notice).toMatchObject({ message: "boom", remedies: ["restart"] });
    expect(notice?.details).toContain("worker.js:3:7");
  });
});
