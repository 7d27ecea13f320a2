import { afterEach, describe, expect, it, vi } from "vitest";
import { reloadWithBackend } from "../../../../../src/app/state/address.ts";
import { connect } from "../../../../../src/app/state/client/client.ts";
import type { WorkerEnd } from "../../../../../src/app/state/client/workerLink.ts";
import { createAppStore } from "../../../../../src/app/state/store.ts";
import type { Command } from "../../../../../src/hosts/worker/protocol.ts";
import type {
  BackendReport,
  Fallback,
  StoredRun,
  WorkerEvent,
} from "../../../../../src/runtime/run/events.ts";

const onWebgpu = {
  backend: "webgpu",
  device: "",
  reason: null,
  advice: null,
  rung: "card",
  fallback: null,
} as const;
const onWasm = {
  ...onWebgpu,
  backend: "wasm",
  rung: "wasm",
  reason: "There is no adapter.",
} as const;
const deviceLost = { type: "fault", cause: "deviceLost", message: "Lost.", details: "" } as const;

/** A page that trains a run, whose workers only write down what they are told. */
async function training() {
  const workers: (WorkerEnd & { commands: Command[] })[] = [];
  const startWorker = () => {
    const commands: Command[] = [];
    const worker = {
      commands,
      onmessage: null,
      onerror: null,
      onmessageerror: null,
      terminate: vi.fn(),
      postMessage: (command: Command) => void commands.push(command),
    };
    workers.push(worker);
    return worker;
  };
  const store = createAppStore(new URLSearchParams("preset=tiny"));
  const client = connect(startWorker, store, "webgpu");
  const worker = () => workers.at(-1) as (typeof workers)[number];
  const tell = (event: WorkerEvent) =>
    worker().onmessage?.call(
      worker() as unknown as Worker,
      new MessageEvent("message", { data: event }),
    );
  const posted = (type: Command["type"]) => worker().commands.filter((c) => c.type === type);
  /** The worker is ready and has the images. */
  const makeReady = async (report: BackendReport = onWebgpu) => {
    tell({ type: "backendReady", report });
    await expect.poll(() => posted("loadDataset")).toHaveLength(1);
    const loadId = store.getState().dataset.loading?.loadId ?? "";
    tell({
      type: "datasetReady",
      dataset: { id: "mnist", name: "MNIST" },
      loadId,
      numTrain: 2,
      numValidation: 0,
      pixelChecksum: 1,
      numClasses: 10,
      checksum: 1,
      unseenLabels: new Uint8Array(),
    });
  };

  client.loadFiles([
    new File([new Uint8Array(4)], "train-images-idx3-ubyte"),
    new File([new Uint8Array(4)], "train-labels-idx1-ubyte"),
  ]);
  await makeReady();
  client.train();
  const { runId = "" } = store.getState().run ?? {};
  tell({ type: "runStatus", runId, status: "training" });
  tell({ type: "runs", runs: [{ runId, dataset: { checksum: 1 } } as StoredRun] });
  tell({ type: "checkpointSaved", runId, step: 7 });
  /** More than as a run begins. */
  const train = (numSteps = 2) => {
    const steps = Array.from({ length: numSteps }, (_, i) => ({ step: 8 + i, loss: 1 }));
    tell({ type: "steps", runId, steps } as unknown as WorkerEvent);
  };
  const messages = () => store.getState().notices.map(({ message }) => message);
  train();
  return { store, client, workers, worker, tell, posted, makeReady, train, messages, runId };
}

describe("after the device is lost", () => {
  it("a new worker trains the run on from its checkpoint", async () => {
    const { tell, posted, makeReady, messages, workers, runId } = await training();
    tell(deviceLost);
    expect(workers).toHaveLength(2);
    expect(messages()).toEqual([expect.stringContaining("The run continues from step 7.")]);
    await makeReady();
    expect(posted("continueRun")).toMatchObject([{ runId, learningRateFactor: 1 }]);
    // On the same backend nothing else is to be said.
    expect(messages()).toHaveLength(1);
  });

  it.each([
    ["is ready", false],
    ["has begun with it", true],
  ])(
    "a second loss, before the new worker %s, does not make the run forgotten",
    async (_, isAsked) => {
      const { tell, posted, makeReady, runId } = await training();
      tell(deviceLost);
      if (isAsked) await makeReady();
      tell(deviceLost);
      await makeReady();
      expect(posted("continueRun")).toMatchObject([{ runId }]);
    },
  );

  it("for the third time, it is the person who says how it goes on", async () => {
    const { store, client, tell, posted, makeReady, train, workers, runId } = await training();
    for (let i = 0; i < 3; i++) {
      train();
      tell(deviceLost);
      if (i < 2) await makeReady();
    }
    expect(workers).toHaveLength(3);
    expect(store.getState().notices.at(-1)?.remedies).toEqual(["useWasm", "halveMicroBatch"]);
    client.remedy("halveMicroBatch");
    expect(workers).toHaveLength(4);
    await makeReady();
    expect(posted("continueRun")).toMatchObject([{ runId, maxMicroBatch: 4 }]);
  });

  it("submits have half as much work each time, down to an eighth", async () => {
    const { client, tell, posted, makeReady, train } = await training();
    const shares: unknown[] = [];
    const lose = async (cause: "deviceLost" | "outOfMemory") => {
      train();
      tell({ ...deviceLost, cause });
      // The third loss leaves it to the person.
      client.remedy("continueRun");
      shares.push(...posted("init").map((init) => "submitShare" in init && init.submitShare));
      await makeReady();
    };
    expect(posted("init")).toMatchObject([{ submitShare: 1 }]);
    for (const cause of [
      "deviceLost",
      "outOfMemory",
      "deviceLost",
      "deviceLost",
      "deviceLost",
    ] as const) {
      await lose(cause);
    }
    expect(shares).toEqual([1 / 2, 1 / 2, 1 / 4, 1 / 8, 1 / 8]);
  });

  it("is not the same as full memory, which counts for no loss", async () => {
    const { tell, makeReady, train, workers } = await training();
    for (const cause of ["deviceLost", "outOfMemory", "deviceLost"] as const) {
      tell({ ...deviceLost, cause });
      await makeReady();
      train();
    }
    expect(workers).toHaveLength(4);
    tell(deviceLost);
    expect(workers).toHaveLength(4);
  });

  it("goes on with WebAssembly when that is clicked, with all the room there is, and at the next load", async () => {
    const replaceState = vi.fn();
    vi.stubGlobal("window", {
      location: { search: "?preset=tiny", hash: "" },
      history: { state: null, replaceState },
    });
    const { store, client, tell, posted, makeReady, train, runId, messages } = await training();
    for (let i = 0; i < 3; i++) {
      train();
      tell(deviceLost);
      if (i < 2) await makeReady();
    }
    client.remedy("halveMicroBatch");
    tell(deviceLost);
    client.remedy("useWasm");
    vi.unstubAllGlobals();
    expect(replaceState).toHaveBeenCalledWith(null, "", expect.stringContaining("backend=wasm"));
    expect(posted("init")).toMatchObject([{ backend: "wasm", fallback: null }]);
    expect(store.getState().backend.status).toBe("starting");
    await makeReady(onWasm);
    expect(posted("continueRun")).toMatchObject([{ runId, maxMicroBatch: null }]);
    // It was asked for.
    expect(messages().join()).not.toContain("The page continues with WebAssembly");
  });

  it("says so where the browser gives no other", async () => {
    const { tell, makeReady, messages } = await training();
    tell(deviceLost);
    await makeReady(onWasm);
    const expected = "The page continues with WebAssembly. There is no adapter.";
    expect(messages()).toContain(expected);
  });

  it("a run that was paused is shown, and does not train by itself", async () => {
    const { store, tell, posted, makeReady, runId } = await training();
    tell({ type: "runStatus", runId, status: "paused" });
    tell(deviceLost);
    expect(store.getState().run?.status).toBe("stopped");
    await makeReady();
    expect(posted("openRun")).toEqual([{ type: "openRun", runId }]);
    expect(posted("continueRun")).toEqual([]);
  });
});

describe("after memory was full", () => {
  const full = { ...deviceLost, cause: "outOfMemory" } as const;

  it("the run goes on with half as many images at once, and half of these the next time", async () => {
    const { tell, posted, makeReady, messages } = await training();
    for (const maxMicroBatch of [4, 2, 1]) {
      tell(full);
      expect(messages().at(-1)).toContain(`Now ${maxMicroBatch} images at once`);
      await makeReady();
      expect(posted("continueRun")).toMatchObject([{ maxMicroBatch }]);
    }
    tell(full);
    expect(messages().at(-1)).toContain("not enough memory for a single image");
  });

  it("is not known of another run that is trained on", async () => {
    const { client, store, tell, posted, makeReady, runId } = await training();
    tell(full);
    await makeReady();
    tell({ type: "runStatus", runId, status: "stopped" });
    for (const [id, maxMicroBatch] of [
      [runId, 4],
      ["another", null],
    ] as const) {
      store.setState(({ stored }) => ({ stored: { ...stored, opening: null } }));
      client.continueRun({ runId: id, learningRateFactor: 1 });
      expect(posted("continueRun").at(-1)).toMatchObject({ runId: id, maxMicroBatch });
    }
  });
});

describe("after something that was not foreseen", () => {
  it("a Train that waited for the images goes on waiting in a new worker", async () => {
    const { client, store, tell, posted, makeReady, runId } = await training();
    tell({ type: "runStatus", runId, status: "stopped" });
    store.setState({ trainRequested: true });
    tell({ ...deviceLost, cause: "error" });
    expect(store.getState().notices.at(-1)?.remedies).toEqual(["restart", "useWasm"]);
    expect(store.getState().trainRequested).toBe(false);
    client.remedy("restart");
    await makeReady();
    expect(posted("train")).toHaveLength(1);
  });

  it("one click trains the run on, in a new worker", async () => {
    const { store, client, tell, posted, makeReady, workers, runId } = await training();
    tell({ ...deviceLost, cause: "error", message: "Oh.", details: "stack" });
    expect(workers).toHaveLength(1);
    expect(store.getState().notices.at(-1)).toMatchObject({
      message: "Oh.",
      details: "stack",
      remedies: ["continueRun", "useWasm"],
    });
    client.remedy("continueRun");
    await makeReady();
    expect(posted("continueRun")).toMatchObject([{ runId }]);
  });

  it.each([
    ["failed", "continueRun", "webgpu"],
    ["failed", "useWasm", "wasm"],
    ["diverged", "useWasm", "wasm"],
  ] as const)("in the run alone, which %s, the same by %s", async (status, remedy, backend) => {
    vi.stubGlobal("window", {
      location: { search: "?preset=tiny", hash: "" },
      history: { state: null, replaceState: vi.fn() },
    });
    const { store, client, tell, posted, makeReady, workers, runId } = await training();
    tell({ type: "runStatus", runId, status });
    tell({ type: "runFailed", runId, message: "Oh.", details: "stack" });
    expect(store.getState().notices.at(-1)?.remedies).toContain(remedy);
    client.remedy(remedy);
    vi.unstubAllGlobals();
    expect(workers).toHaveLength(2);
    await makeReady();
    expect(posted("init")).toMatchObject([{ backend }]);
    expect(posted("continueRun")).toMatchObject([{ runId }]);
  });
});

describe("the ladder of a graphics device", () => {
  const refused = { ...deviceLost, cause: "refused", message: "conv: no.", details: "conv: no." };
  const failures = ["refused", "wrong", "deviceError"] as const;
  const onCard = { ...onWebgpu, device: "Card" };
  const fallbackOf = (commands: readonly Command[]) =>
    commands.flatMap((c) => (c.type === "init" ? [c.fallback] : [])).at(-1);

  it.each(failures)(
    "is gone down when a device fails (%s): simpler programs, then WebAssembly; the run goes on",
    async (cause) => {
      const { store, tell, posted, makeReady, worker, runId } = await training();
      tell({ type: "backendReady", report: onCard });
      tell({ ...refused, cause } as WorkerEvent);
      const safe = fallbackOf(worker().commands);
      expect(safe).toMatchObject({ rung: "safe", adapter: "Card" });
      // All that a bug report needs.
      expect(safe?.details).toMatch(/Card, from card to safe\nBrowser: .*\nconv: no\./);
      expect(safe?.reason).toContain("simpler programs");
      await makeReady({ ...onCard, rung: "safe" });
      expect(posted("continueRun")).toMatchObject([{ runId }]);
      tell({ ...refused, cause } as WorkerEvent);
      const wasm = fallbackOf(worker().commands);
      expect(wasm).toMatchObject({ rung: "wasm", adapter: "Card" });
      expect(wasm?.details).toMatch(/from card to safe[\s\S]*from safe to wasm/);
      await makeReady(onWasm);
      expect(posted("continueRun")).toMatchObject([{ runId }]);
      // The line below the top bar tells it.
      expect(store.getState().notices).toEqual([]);
    },
  );

  it("is gone down when the device is lost twice as training begins, and not when it has trained between", async () => {
    for (const [stepsBefore, rungs] of [
      [
        [2, 0, 0],
        [null, null, "safe"],
      ],
      [
        [2, 0, 2],
        [null, null, null],
      ],
    ] as const) {
      const { tell, makeReady, train, workers } = await training();
      for (const [i, numSteps] of stepsBefore.entries()) {
        train(numSteps);
        tell(deviceLost);
        expect(fallbackOf(workers.flatMap(({ commands }) => commands))?.rung ?? null).toBe(
          rungs[i],
        );
        await makeReady();
      }
    }
  });

  it("is not gone down by WebAssembly, nor by what is no fault of the device", async () => {
    for (const [report, cause] of [
      [onWasm, "refused"],
      [onWebgpu, "error"],
    ] as const) {
      const { store, tell, workers } = await training();
      tell({ type: "backendReady", report });
      tell({ ...refused, cause } as WorkerEvent);
      expect(workers).toHaveLength(1);
      expect(store.getState().notices.at(-1)?.remedies).toContain("continueRun");
    }
  });

  it("is begun at the next visit where it was left, until a backend is chosen", async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => void kept.set(key, text),
      removeItem: (key: string) => void kept.delete(key),
    });
    const firstFallback = async () => {
      const { workers } = await training();
      return fallbackOf(workers[0]?.commands ?? []);
    };
    const { tell } = await training();
    tell({ type: "backendReady", report: onCard });
    tell(refused as WorkerEvent);
    expect(await firstFallback()).toMatchObject({ rung: "safe" } satisfies Partial<Fallback>);
    const [[key, text] = ["", ""]] = kept;
    kept.set(key, text.replace(/"of":"[^"]*"/, '"of":"another browser"'));
    expect(await firstFallback()).toBeNull();
    kept.set(key, text);
    vi.stubGlobal("window", {
      location: { search: "", hash: "", pathname: "/", reload: vi.fn() },
      history: { state: null, replaceState: vi.fn() },
    });
    reloadWithBackend("webgpu");
    expect(await firstFallback()).toBeNull();
    vi.unstubAllGlobals();
  });

  it("remembers what the device has proven itself with, until it fails", async () => {
    const { tell, worker } = await training();
    tell({ type: "backendReady", report: onCard });
    for (const pass of ["a", "b"]) tell({ type: "deviceProven", pass });
    tell({ ...deviceLost, cause: "outOfMemory" });
    const proof = { adapter: "Card", rung: "card", passes: ["a", "b"] };
    expect(worker().commands[0]).toMatchObject({ type: "init", proof });
    tell({ type: "backendReady", report: { ...onCard, device: "Another card" } });
    tell({ type: "deviceProven", pass: "c" });
    tell({ ...deviceLost, cause: "outOfMemory" });
    expect(worker().commands[0]).toMatchObject({
      proof: { adapter: "Another card", passes: ["c"] },
    });
    tell(refused as WorkerEvent);
    expect(worker().commands[0]).toMatchObject({ fallback: { rung: "safe" }, proof: null });
  });
});

const SIZE = {
  totalSteps: 50,
  stepsPerEpoch: 5,
  numParameters: 1,
  microBatchSize: 8,
  numThreads: 1,
};

describe("a browser that leaks in long runs", () => {
  const safari = (version: string) =>
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Safari/605.1.15`;

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  async function afterMinutes(minutes: number, userAgent: string, report?: BackendReport) {
    vi.stubGlobal("navigator", { userAgent });
    const page = await training();
    const { runId, tell, store } = page;
    const { config } = store.getState();
    tell({ type: "runStarted", runId, config, startedFrom: null, ...SIZE });
    tell({ type: "runStatus", runId, status: "training" });
    if (report) tell({ type: "backendReady", report });
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + minutes * 60_000);
    return page;
  }
  const saved = ({ runId, tell }: Awaited<ReturnType<typeof training>>, step = 9) =>
    tell({ type: "checkpointSaved", runId, step });

  it.each(["18.6", "26.0", "26.2.1"])(
    "gets another worker every quarter of an hour, at a checkpoint, from which the run goes on: Safari %s",
    async (version) => {
      const page = await afterMinutes(15, safari(version));
      const { workers, posted, makeReady, runId, messages } = page;
      saved(page);
      expect(workers).toHaveLength(2);
      expect(workers[0]?.terminate).toHaveBeenCalled();
      await makeReady();
      expect(posted("continueRun")).toMatchObject([{ runId, learningRateFactor: 1 }]);
      expect(messages()).toEqual([]);
      // The next quarter of an hour begins as it trains.
      saved(page);
      expect(workers).toHaveLength(2);
    },
  );

  it("keeps its worker where the run is about to end or to be stopped", async () => {
    const page = await afterMinutes(15, safari("26.2"));
    saved(page, SIZE.totalSteps);
    page.tell({ type: "checkpointSaved", runId: "another", step: 9 });
    page.client.ask("stop");
    saved(page);
    expect(page.workers).toHaveLength(1);
  });

  it.each<[string, number, string, BackendReport?]>([
    ["before that", 14, safari("26.2")],
    ["where it no longer leaks", 60, safari("26.3")],
    ["in Chrome", 60, "Mozilla/5.0 AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"],
    [
      "in a page of an app on Android",
      60,
      "AppleWebKit/537.36 Version/4.0 Chrome/150.0 Mobile Safari/537.36",
    ],
    ["on WebAssembly", 60, safari("26.2"), onWasm],
  ])("keeps its worker %s", async (_, minutes, userAgent, report) => {
    const page = await afterMinutes(minutes, userAgent, report);
    saved(page);
    expect(page.workers).toHaveLength(1);
  });
});
