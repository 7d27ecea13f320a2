import { afterEach, describe, expect, it, vi } from "vitest";
import { identityOf } from "../../../../../src/engine/data/datasets.ts";
import { filePair, page } from "../clientPage.ts";

afterEach(() => void vi.unstubAllGlobals());

describe("the files of a dataset", () => {
  it("takes files that turned out broken out of the cache, and no others", async () => {
    const cache = { match: vi.fn(), put: vi.fn(), delete: vi.fn() };
    for (const method of Object.values(cache)) method.mockResolvedValue(undefined);
    vi.stubGlobal("caches", { open: async () => cache });
    vi.stubGlobal("document", { baseURI: "http://localhost/" });
    vi.stubGlobal("fetch", async () => new Response(new Uint8Array(4)));
    const { client, store, tell, posted } = page();
    client.remedy("retryDataset");
    await expect.poll(() => posted("loadDataset")).toHaveLength(1);
    const loadId = store.getState().dataset.loading?.loadId ?? "";
    tell({ type: "datasetFailed", loadId: "another", message: "broken" });
    expect(cache.delete).not.toHaveBeenCalled();
    tell({ type: "datasetFailed", loadId, message: "broken" });
    await expect.poll(() => cache.delete).toHaveBeenCalledTimes(4);
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
    app.client.loadDataset("mnist");
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
    expect(posted("loadDataset")).toMatchObject([{ dataset: identityOf("files") }]);
    expect(store.getState()).toBe(before);
    tellLoaded();
    expect(store.getState().dataset).toMatchObject({
      current: identityOf("files"),
      loading: null,
    });
  });

  it("goes on where the files that come after it are no images", async () => {
    vi.stubGlobal("document", { baseURI: "http://localhost/" });
    vi.stubGlobal("fetch", async () => new Response(new Uint8Array(4)));
    const { client, store, posted } = page();
    client.loadDataset("mnist");
    const { loading } = store.getState().dataset;
    client.loadFiles([new File(["a text"], "notes.txt")]);
    await expect.poll(() => store.getState().notices).toMatchObject([{ source: "images" }]);
    expect(store.getState().dataset.loading).toEqual(loading);
    await expect
      .poll(() => posted("loadDataset"))
      .toMatchObject([{ loadId: loading?.loadId, dataset: identityOf("mnist") }]);
  });

  it("is given up as well when the other one has loaded", async () => {
    const { store, posted, tellLoaded } = await overtaken();
    tellLoaded();
    const onCancel = vi.fn();
    for (const answer of answers) answer(new Response(new ReadableStream({ cancel: onCancel })));
    await expect.poll(() => onCancel).toHaveBeenCalledTimes(4);
    expect(posted("loadDataset")).toHaveLength(1);
    expect(store.getState().dataset).toMatchObject({
      current: identityOf("files"),
      loading: null,
    });
  });

  it("changes nothing when it fails", async () => {
    const { store } = await overtaken();
    const before = store.getState();
    const listener = vi.fn();
    store.subscribe(listener);
    for (const answer of answers) answer(new Response(null, { status: 503 }));
    // When all that follows from the answers has been done.
    await new Promise((resolve) => setTimeout(resolve));
    expect(store.getState()).toBe(before);
    expect(listener).not.toHaveBeenCalled();
  });
});
