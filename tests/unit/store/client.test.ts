import { afterEach, describe, expect, it, vi } from "vitest";
import { comparedRuns } from "../../../src/store/comparison.ts";
import { cursorStep, heldAt } from "../../../src/store/cursor.ts";
import { recordAt } from "../ui/storedRecord.ts";
import { filePair, page, ready } from "./clientPage.ts";

afterEach(() => void vi.unstubAllGlobals());

describe("the client", () => {
  it("begins with the choice of backend", () => {
    expect(page().commands).toEqual([{ type: "init", backend: "auto" }]);
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

  it("asks the next worker for the compared runs that the last one did not read", () => {
    const { client, store, tell, posted } = page();
    const [a, b] = [
      { ...recordAt(5), runId: "a" },
      { ...recordAt(5), runId: "b" },
    ];
    tell({ type: "runs", runs: [a, b] });
    client.readCompared();
    tell({ type: "runRead", run: a, steps: [], epochs: [], snapshots: [] });
    // This one starts no other by itself.
    tell({ type: "fault", cause: "error", message: "Something broke.", details: "" });
    const ofB = () => comparedRuns(store.getState()).find(({ runId }) => runId === "b");
    expect(ofB()).toEqual({ runId: "b", status: "failed", message: "Something broke." });
    client.readCompared();
    expect(posted("readRun")).toHaveLength(2);
    client.remedy("restart");
    client.readCompared();
    expect(posted("readRun").slice(2)).toMatchObject([{ runId: "a" }, { runId: "b" }]);
    expect(ofB()).toEqual({ runId: "b", status: "reading" });
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

  it("calls no error what goes on by itself", () => {
    const { store, tell } = page();
    const tones = () => store.getState().notices.map(({ tone }) => tone);
    tell({ type: "fault", cause: "deviceLost", message: "It is gone.", details: "" });
    expect(tones()).toEqual(["info"]);
    tell({ type: "fault", cause: "error", message: "Something broke.", details: "" });
    expect(tones()).toEqual(["info", "error"]);
  });

  it("says at once when files are no dataset", async () => {
    const { client, store, posted } = page();
    client.loadFiles([new File([], "holiday.jpg")]);
    await expect.poll(() => store.getState().notices).toHaveLength(1);
    expect(store.getState().notices[0]?.message).toContain("holiday.jpg");
    expect(posted("loadDataset")).toHaveLength(0);
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
      run: { status: null, datasetName: "Mine" },
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
    const { client, tell, posted, load } = page("preset=tiny&batchSize=0");
    await load();
    tell(ready);
    client.train();
    expect(posted("train")).toHaveLength(0);
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

  it("cancels the sample that it asked for", () => {
    const { client, posted } = page();
    client.cancelSample();
    expect(posted("cancelSample")).toHaveLength(0);
    client.sample({
      ...{ count: 4, seed: 0, weights: "ema", givesX0: false },
      sampler: { kind: "ancestral" },
      network: { kind: "current" },
      start: { kind: "noise" },
    });
    const [sample] = posted("sample");
    client.cancelSample();
    const sampleId = sample?.type === "sample" ? sample.request.sampleId : "";
    expect(posted("cancelSample")).toEqual([{ type: "cancelSample", sampleId }]);
  });

  it("shows an error that the worker did not catch", () => {
    const { store, worker } = page();
    const error = Object.assign(new Event("error"), {
      ...{ message: "boom", filename: "worker.js", lineno: 3, colno: 7, error: null },
    });
    worker.onerror?.call(worker as Worker, error);
    const [notice] = store.getState().notices;
    expect(notice).toMatchObject({ message: "boom", remedies: ["restart"] });
    expect(notice?.details).toContain("worker.js:3:7");
  });
});

describe("a download that another dataset overtakes while the server is slow", () => {
  /** Called when the server answers, once for each file. */
  let answers: ((response: Response) => void)[] = [];

  /** MNIST is asked for, and dropped files after it, before the server has answered. */
  async function overtaken() {
    answers = [];
    vi.stubGlobal("document", { baseURI: "http://localhost/" });
    vi.stubGlobal("fetch", () => new Promise((resolve) => answers.push(resolve)));
    const app = page();
    app.client.loadMnist();
    await expect.poll(() => answers).toHaveLength(4);
    app.client.loadFiles(filePair);
    await expect.poll(() => app.posted("loadDataset")).toHaveLength(1);
    return app;
  }

  it("is given up, and the worker does not hear of it", async () => {
    const { store, posted, tellLoaded } = await overtaken();
    const before = store.getState();
    const onCancel = vi.fn();
    for (const answer of answers) answer(new Response(new ReadableStream({ cancel: onCancel })));
    await expect.poll(() => onCancel).toHaveBeenCalledTimes(4);
    expect(posted("loadDataset")).toMatchObject([{ name: "Your files" }]);
    expect(store.getState()).toBe(before);
    tellLoaded();
    expect(store.getState().dataset).toMatchObject({ current: { name: "Mine" }, loading: null });
  });

  it("is given up as well when the other one has loaded", async () => {
    const { store, posted, tellLoaded } = await overtaken();
    tellLoaded();
    const onCancel = vi.fn();
    for (const answer of answers) answer(new Response(new ReadableStream({ cancel: onCancel })));
    await expect.poll(() => onCancel).toHaveBeenCalledTimes(4);
    expect(posted("loadDataset")).toHaveLength(1);
    expect(store.getState().dataset).toMatchObject({ current: { name: "Mine" }, loading: null });
  });

  it("changes nothing when it fails", async () => {
    const { store } = await overtaken();
    const before = store.getState();
    const listener = vi.fn();
    store.subscribe(listener);
    for (const answer of answers) answer(new Response(null, { status: 503 }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(store.getState()).toBe(before);
    expect(listener).not.toHaveBeenCalled();
  });
});
