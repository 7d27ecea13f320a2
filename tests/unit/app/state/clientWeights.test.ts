import { afterEach, describe, expect, it, vi } from "vitest";
import { ACTIONS } from "../../../../src/app/state/actions.ts";
import { newRun } from "../../../../src/app/state/slices/run.ts";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { CommandOf } from "../../../../src/hosts/worker/protocol.ts";
import { filePair, page, ready } from "./clientPage.ts";

const MODEL = "pretrained-quick.safetensors";

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

describe("weights", () => {
  const file = new File([new Uint8Array(8)], "digits.safetensors");
  const loadedWith = (config: RunConfig) => ({
    type: "weightsLoaded" as const,
    weights: {
      fileName: file.name,
      config,
      hasSettings: true,
      hasAverage: false,
      dataset: null,
      trainedSteps: 12,
      numParameters: 100,
    },
  });

  it("go to the worker as a file, with the settings for what it does not say", () => {
    const { client, store, posted } = page();
    client.openFile(file);
    const { config, weights } = store.getState();
    expect(posted("openFile")).toMatchObject([{ type: "openFile", file, config }]);
    expect(weights).toMatchObject({
      loading: "digits.safetensors",
      loaded: null,
    });
  });

  it("of a name that would turn the words beside it around are called without that", async () => {
    const { client, store, posted } = page();
    client.openFile(new File(["1234"], "gnp.\u202Esrosnetefas\u2066.safetensors"));
    const name = "gnp.srosnetefas.safetensors";
    expect(store.getState().weights.loading).toBe(name);
    const { file } = posted("openFile")[0] as CommandOf<"openFile">;
    expect(file.name).toBe(name);
    expect(await file.text()).toBe("1234");
  });

  it("are known by their names among dropped files, also those of PyTorch's own formats", () => {
    const { client, posted } = page();
    for (const name of ["digits.SafeTensors", "model-10.pt", "net.pth", "last.ckpt"]) {
      client.loadFiles([new File(["{}"], name)]);
    }
    expect(posted("openFile")).toHaveLength(4);
  });

  it("are opened also where one looks for images", () => {
    const { store, client, posted } = page();
    ACTIONS.loadFiles.perform({ store, client }, [file]);
    expect(posted("openFile")).toHaveLength(1);
    expect(store.getState().dataset.loading).toBeNull();
  });

  it("are told from images that are dropped with them", async () => {
    const { client, posted } = page();
    client.loadFiles([new File(["{}"], "net.pt"), ...filePair]);
    expect(posted("openFile")).toHaveLength(1);
    await expect.poll(() => posted("loadDataset")).toHaveLength(1);
    const [onlyImages, onlyWeights] = [page(), page()];
    onlyImages.client.loadFiles(filePair);
    await expect.poll(() => onlyImages.posted("loadDataset")).toHaveLength(1);
    expect(onlyImages.posted("openFile")).toEqual([]);
    onlyWeights.client.loadFiles([new File(["{}"], "net.pt")]);
    expect(onlyWeights.store.getState().dataset.loading).toBeNull();
  });

  it("are one file at a time", () => {
    const { client, store, posted } = page();
    client.loadFiles([new File([], "a.safetensors"), new File([], "b.safetensors")]);
    expect(posted("openFile")).toEqual([]);
    expect(store.getState().notices).toMatchObject([
      { message: expect.stringContaining("a.safetensors, b.safetensors") },
    ]);
  });

  it("are not loaded where there is nothing to compute on", () => {
    const { client, store, tell, posted } = page();
    tell({ type: "fault", cause: "error", message: "Out of memory", details: "" });
    client.openFile(file);
    expect(posted("openFile")).toEqual([]);
    expect(store.getState().weights.loading).toBeNull();
  });

  it("take back the error of chosen images before them, which a new choice makes old", async () => {
    const { client, store, tell } = page();
    tell(ready);
    client.loadFiles([new File([], "digits.txt")]);
    await expect.poll(() => store.getState().notices).toHaveLength(1);
    client.openFile(file);
    expect(store.getState().notices).toEqual([]);
  });

  it("that could not be read are spoken of until other files are chosen, images too", async () => {
    const { client, store, tell, answer } = page();
    tell(ready);
    client.openFile(file);
    await answer("openFile", { type: "requestFailed", message: "No weights." });
    expect(store.getState().notices).toHaveLength(1);
    client.loadFiles(filePair);
    expect(store.getState().notices).toEqual([]);
  });

  it("are waited for by a Train, which then begins with their settings", async () => {
    const { client, tell, posted, answer, load } = page();
    tell(ready);
    await load();
    client.openFile(file);
    client.train();
    expect(posted("train")).toEqual([]);
    const config = presetConfig("quick");
    await answer("openFile", loadedWith({ ...config, epochs: 40 }));
    expect(posted("train")).toMatchObject([{ config }]);
  });

  it("of a stored run begin a Train that waits, with settings of its own, and leave the form as it is", async () => {
    const { client, store, tell, posted, answer, load, loadWeights } = page();
    tell(ready);
    await load();
    const config = { ...presetConfig("quick"), distilFrom: 8 };
    const before = store.getState().config;
    client.loadRunWeights("run", file.name);
    client.train({ config, preset: "quick" });
    expect(posted("loadRunWeights")).toMatchObject([
      { type: "loadRunWeights", runId: "run", name: file.name },
    ]);
    await answer("loadRunWeights", loadedWith(presetConfig("quick")));
    expect(posted("train")).toMatchObject([
      { config, name: expect.stringContaining("Quick in 1") },
    ]);
    expect(store.getState().config).toBe(before);
    // What is trained next is of the form again.
    tell({ type: "runStatus", runId: store.getState().run?.runId ?? "", status: "stopped" });
    client.train();
    expect(posted("train")).toMatchObject([{ config }, { config: before }]);
    // The next file comes with settings that replace it.
    await loadWeights(loadedWith(presetConfig("laptop")));
    expect(store.getState().preset).toBe("laptop");
  });

  it("of a run that is gone change neither the settings nor what was loaded before", async () => {
    const { client, store, tell, posted, answer, load, loadWeights } = page();
    tell(ready);
    await load();
    await loadWeights(loadedWith(presetConfig("quick")));
    const before = store.getState();
    client.loadRunWeights("run", "Gone");
    client.train();
    await answer("loadRunWeights", { type: "requestFailed", message: "This run is not stored." });
    const { config, weights, notices, trainRequested } = store.getState();
    expect({ config, weights }).toEqual({ config: before.config, weights: before.weights });
    expect(notices).toMatchObject([{ title: "Gone did not load" }]);
    expect(trainRequested).toBe(false);
    expect(posted("train")).toEqual([]);
  });

  it("that do not load take back a Train that waits for them", async () => {
    const { client, store, tell, posted, answer, load } = page();
    tell(ready);
    await load();
    client.openFile(file);
    client.train();
    await answer("openFile", { type: "requestFailed", message: "truncated" });
    expect(posted("train")).toEqual([]);
    expect(store.getState().trainRequested).toBe(false);
    client.train();
    expect(posted("train")).toHaveLength(1);
  });

  it("of two files that are chosen one after the other bring each their own, and the first ends no waiting", async () => {
    const { client, store, tell, posted } = page();
    const before = store.getState().config;
    client.loadRunWeights("run", "Mine");
    client.openFile(file);
    const [ofRun] = posted("loadRunWeights") as CommandOf<"loadRunWeights">[];
    tell({ ...loadedWith(presetConfig("quick")), requestId: ofRun?.requestId ?? "" });
    await new Promise(setImmediate);
    // It came to be the teacher of a run with settings of its own.
    expect(store.getState().config).toBe(before);
    expect(store.getState().weights.loading).toBe(file.name);
    const [ofFile] = posted("openFile") as CommandOf<"openFile">[];
    tell({ ...loadedWith(presetConfig("laptop")), requestId: ofFile?.requestId ?? "" });
    await new Promise(setImmediate);
    expect(store.getState()).toMatchObject({ preset: "laptop", weights: { loading: null } });
  });

  it("are waited for no longer when the page restarts the worker that reads them", async () => {
    const { client, store } = page();
    client.openFile(file);
    void client.exportRun("a", "csv");
    client.remedy("restart");
    await new Promise(setImmediate);
    const { weights, stored } = store.getState();
    expect([weights.loading, stored.exporting]).toEqual([null, []]);
  });

  it("are forgotten on the worker's word, and the settings that they brought at once", async () => {
    const { client, store, tell, posted, loadWeights } = page();
    const { preset, config } = store.getState();
    await loadWeights(loadedWith(presetConfig("laptop")));
    expect(store.getState().preset).not.toBe(preset);
    client.forgetWeights();
    expect(store.getState()).toMatchObject({ preset, config });
    expect(posted("forgetWeights")).toEqual([{ type: "forgetWeights" }]);
    expect(store.getState().weights.loaded).not.toBeNull();
    tell({ type: "weightsForgotten" });
    expect(store.getState().weights.loaded).toBeNull();
  });

  it("are forgotten with the digits that they drew, where a run is open", async () => {
    const { client, store, loadWeights } = page();
    await loadWeights(loadedWith(presetConfig("laptop")));
    store.setState(({ samples }) => ({ samples: { ...samples, view: "person" } }));
    client.forgetWeights();
    expect(store.getState().samples.view).toBe("person");
    const run = newRun({
      runId: "a",
      name: "A",
      dataset: { id: "mnist", name: "MNIST" },
      config: presetConfig("tiny"),
    });
    store.setState({ run });
    client.forgetWeights();
    expect(store.getState().samples.view).toBe("preview");
  });

  it("are saved as asked, with the page's settings", () => {
    const { client, store, posted } = page();
    const request = { weights: "raw", format: "tfjs" } as const;
    void client.saveWeights(request);
    const { config } = store.getState();
    expect(posted("saveWeights")).toMatchObject([{ type: "saveWeights", request, config }]);
  });

  it("that come to be saved are downloaded, every file of them", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const links: { href: string; download: string; click: () => void }[] = [];
    const createElement = () => {
      const link = { href: "", download: "", click: vi.fn() };
      links.push(link);
      return link;
    };
    vi.stubGlobal("document", { createElement });
    const { client, store, answer } = page();
    const before = store.getState();
    const files = ["a.model.json", "a.model.weights.bin"].map((fileName, i) => ({
      fileName,
      bytes: new Uint8Array(4).fill(i),
    }));
    void client.saveWeights({ weights: "ema", format: "tfjs" });
    await answer("saveWeights", { type: "weightsSaved", files });
    // One after the other.
    vi.runAllTimers();
    expect(links.map((link) => link.download)).toEqual(["a.model.json", "a.model.weights.bin"]);
    for (const link of links) expect(link.click).toHaveBeenCalledOnce();
    expect(store.getState()).toBe(before);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

describe("a trained model", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("is loaded once it is there, unless another file was chosen meanwhile", async () => {
    const endDownload = slowDownload();
    const [overtaken, alone] = [page(), page()];
    void overtaken.client.loadTrainedModel(MODEL);
    overtaken.client.openFile(new File([], "mine.safetensors"));
    void alone.client.loadTrainedModel(MODEL);
    expect(alone.store.getState().weights.loading).toBe(MODEL);
    endDownload();
    const names = ({ posted }: ReturnType<typeof page>) =>
      posted("openFile").map((command) => command.type === "openFile" && command.file.name);
    await expect.poll(() => names(alone)).toEqual([MODEL]);
    expect(names(overtaken)).toEqual(["mine.safetensors"]);
    expect(overtaken.store.getState().weights.loading).toBe("mine.safetensors");
  });

  it.each([
    ["the server has none", () => new Response(null, { status: 404 }), /404/],
    ["the network is gone", () => Promise.reject(new Error("offline")), /offline/],
  ])(
    "that cannot be had, since %s, is told with its address, and can be asked for again",
    async (_, answer, reason) => {
      vi.stubGlobal("document", { baseURI: "http://localhost/" });
      vi.stubGlobal("fetch", async () => answer());
      const { client, store, posted } = page();
      void client.loadTrainedModel(MODEL);
      await expect.poll(() => store.getState().notices).toHaveLength(1);
      const { message } = store.getState().notices[0] ?? { message: "" };
      expect(message).toContain(`http://localhost/models/${MODEL}`);
      expect(message).toMatch(reason);
      expect(store.getState().weights.loading).toBeNull();
      expect(posted("openFile")).toHaveLength(0);
    },
  );

  it("that cannot be had lets a run go on that waited for it", async () => {
    const { client, tell, posted, load } = page();
    tell(ready);
    await load();
    vi.stubGlobal("document", { baseURI: "http://localhost/" });
    vi.stubGlobal("fetch", async () => new Response(null, { status: 404 }));
    const model = client.loadTrainedModel(MODEL);
    void client.continueRun({ runId: "run", learningRateFactor: 1 });
    expect(posted("continueRun")).toEqual([]);
    await model;
    expect(posted("continueRun")).toMatchObject([{ runId: "run" }]);
  });

  it("that fails after another file was chosen is no news", async () => {
    vi.stubGlobal("document", { baseURI: "http://localhost/" });
    const fetched = vi.fn(async () => new Response(null, { status: 404 }));
    vi.stubGlobal("fetch", fetched);
    const { client, store } = page();
    const load = client.loadTrainedModel(MODEL);
    client.openFile(new File([], "mine.safetensors"));
    await load;
    expect(fetched).toHaveBeenCalledOnce();
    expect(store.getState().notices).toEqual([]);
    expect(store.getState().weights.loading).toBe("mine.safetensors");
  });

  it("is not waited for where there is nothing left to compute on", async () => {
    const endDownload = slowDownload();
    const { client, store, tell, posted } = page();
    void client.loadTrainedModel(MODEL);
    tell({ type: "fault", cause: "error", message: "Out of memory", details: "" });
    endDownload();
    await expect.poll(() => store.getState().weights.loading).toBeNull();
    void client.loadTrainedModel(MODEL);
    expect(store.getState().weights.loading).toBe(MODEL);
    await expect.poll(() => store.getState().weights.loading).toBeNull();
    expect(posted("openFile")).toHaveLength(0);
  });
});
