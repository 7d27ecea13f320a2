import { afterEach, describe, expect, it, vi } from "vitest";
import type { RunConfig } from "../../../src/config/hyperparameters.ts";
import { presetConfig } from "../../../src/config/presets.ts";
import { connect } from "../../../src/store/client.ts";
import { cursorStep, heldAt } from "../../../src/store/cursor.ts";
import { PRETRAINED_FILE } from "../../../src/store/pretrained.ts";
import { createAppStore } from "../../../src/store/store.ts";
import type { WorkerEnd } from "../../../src/store/workerLink.ts";
import type { Command, WorkerEvent } from "../../../src/worker/protocol.ts";

const report = { backend: "wasm", device: "", reason: null, advice: null } as const;
const ready: WorkerEvent = { type: "backendReady", report };
const filePair = [
  new File([new Uint8Array(4)], "train-images-idx3-ubyte"),
  new File([new Uint8Array(4)], "train-labels-idx1-ubyte"),
];

/** A page whose worker only writes down what it is told. */
function page(query = "preset=tiny") {
  const commands: Command[] = [];
  const transfers: Transferable[][] = [];
  const worker: WorkerEnd = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    terminate: vi.fn(),
    postMessage(command, transfer) {
      commands.push(command);
      transfers.push(transfer);
    },
  };
  const store = createAppStore(new URLSearchParams(query));
  const client = connect(() => worker, store, "auto");
  const tell = (event: WorkerEvent) =>
    worker.onmessage?.call(worker as Worker, new MessageEvent("message", { data: event }));
  const posted = (type: Command["type"]) => commands.filter((command) => command.type === type);
  /** Loads two files and lets the worker say that it has them. */
  const load = async () => {
    client.loadFiles(filePair);
    await expect.poll(() => posted("loadDataset")).toHaveLength(1);
    tellLoaded();
  };
  const tellLoaded = () => {
    const datasetId = store.getState().dataset.loading?.datasetId ?? "";
    tell({ type: "datasetReady", datasetId, name: "Mine", numTrain: 2, numValidation: 0 });
  };
  return { store, client, worker, commands, transfers, tell, posted, load, tellLoaded };
}

/** What is fetched comes when the function is called that it returns. */
function slowDownload(): () => void {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  vi.stubGlobal("fetch", () => ended.then(() => new Response(new Uint8Array(4))));
  vi.stubGlobal("document", { baseURI: "http://localhost/" });
  return end;
}

describe("the client", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

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

  it("loads the trained model once it is there, unless another file was chosen meanwhile", async () => {
    const endDownload = slowDownload();
    const [overtaken, alone] = [page(), page()];
    overtaken.client.loadPretrained();
    overtaken.client.loadWeights(new File([], "mine.safetensors"));
    alone.client.loadPretrained();
    expect(alone.store.getState().weights.loading).toBe(PRETRAINED_FILE);
    endDownload();
    const names = ({ posted }: ReturnType<typeof page>) =>
      posted("loadWeights").map((command) => command.type === "loadWeights" && command.file.name);
    await expect.poll(() => names(alone)).toEqual([PRETRAINED_FILE]);
    expect(names(overtaken)).toEqual(["mine.safetensors"]);
    expect(overtaken.store.getState().weights.loading).toBe("mine.safetensors");
  });

  it("waits for no trained model where there is nothing left to compute on", async () => {
    const endDownload = slowDownload();
    const { client, store, tell, posted } = page();
    client.loadPretrained();
    tell({ type: "fault", cause: "error", message: "Out of memory", details: "" });
    endDownload();
    await expect.poll(() => store.getState().weights.loading).toBeNull();
    expect(posted("loadWeights")).toHaveLength(0);
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

describe("weights", () => {
  const file = new File([new Uint8Array(8)], "digits.safetensors");
  const loadedWith = (config: RunConfig): WorkerEvent => ({
    type: "weightsLoaded",
    weights: {
      ...{ fileName: file.name, config, hasSettings: true, hasAverage: false },
      ...{ trainedSteps: 12, numParameters: 100 },
    },
  });

  it("go to the worker as a file, with the settings for what it does not say", () => {
    const { client, store, posted } = page();
    client.loadWeights(file);
    const { config, weights } = store.getState();
    expect(posted("loadWeights")).toEqual([{ type: "loadWeights", file, config }]);
    expect(weights).toMatchObject({
      loading: "digits.safetensors",
      loaded: null,
      isSampled: false,
    });
  });

  it("are known by their names among dropped files, also those of PyTorch's own formats", () => {
    const { client, posted } = page();
    for (const name of ["digits.SafeTensors", "model-10.pt", "net.pth", "last.ckpt"]) {
      client.loadDropped([new File(["{}"], name)]);
    }
    expect(posted("loadWeights")).toHaveLength(4);
  });

  it("are one file at a time", () => {
    const { client, store, posted } = page();
    client.loadDropped([new File([], "a.safetensors"), new File([], "b.safetensors")]);
    expect(posted("loadWeights")).toEqual([]);
    expect(store.getState().notices).toMatchObject([
      { message: expect.stringContaining("a.safetensors, b.safetensors") },
    ]);
  });

  it("are not loaded where there is nothing to compute on", () => {
    const { client, store, tell, posted } = page();
    tell({ type: "fault", cause: "error", message: "Out of memory", details: "" });
    client.loadWeights(file);
    expect(posted("loadWeights")).toEqual([]);
    expect(store.getState().weights.loading).toBeNull();
  });

  it("are waited for by a Train, which then begins with their settings", async () => {
    const { client, tell, posted, load } = page();
    tell(ready);
    await load();
    client.loadWeights(file);
    client.train();
    expect(posted("train")).toEqual([]);
    const config = presetConfig("quick");
    tell(loadedWith(config));
    expect(posted("train")).toMatchObject([{ config }]);
  });

  it("that do not load take back a Train that waits for them", async () => {
    const { client, store, tell, posted, load } = page();
    tell(ready);
    await load();
    client.loadWeights(file);
    client.train();
    tell({ type: "weightsNotLoaded", fileName: file.name, message: "truncated" });
    expect(posted("train")).toEqual([]);
    expect(store.getState().trainRequested).toBe(false);
    client.train();
    expect(posted("train")).toHaveLength(1);
  });

  it("are forgotten on the worker's word", () => {
    const { client, store, tell, posted } = page();
    tell(loadedWith(presetConfig("quick")));
    client.forgetWeights();
    expect(posted("forgetWeights")).toEqual([{ type: "forgetWeights" }]);
    expect(store.getState().weights.loaded).not.toBeNull();
    tell({ type: "weightsForgotten" });
    expect(store.getState().weights.loaded).toBeNull();
  });

  it("are saved as asked, with the page's settings", () => {
    const { client, store, posted } = page();
    const request = { weights: "raw", format: "tfjs" } as const;
    client.saveWeights(request);
    const { config } = store.getState();
    expect(posted("saveWeights")).toEqual([{ type: "saveWeights", request, config }]);
  });

  it("that come to be saved are downloaded, every file of them", () => {
    vi.useFakeTimers();
    const links: { href: string; download: string; click: () => void }[] = [];
    const createElement = () => {
      const link = { href: "", download: "", click: vi.fn() };
      links.push(link);
      return link;
    };
    vi.stubGlobal("document", { createElement });
    const { store, tell } = page();
    const before = store.getState();
    const files = ["a.model.json", "a.model.weights.bin"].map((fileName, i) => ({
      fileName,
      bytes: new Uint8Array(4).fill(i),
    }));
    tell({ type: "weightsSaved", files });
    expect(links.map((link) => link.download)).toEqual(["a.model.json", "a.model.weights.bin"]);
    for (const link of links) expect(link.click).toHaveBeenCalledOnce();
    expect(store.getState()).toBe(before);
    vi.runAllTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
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

  afterEach(() => {
    vi.unstubAllGlobals();
  });

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
