import { afterEach, describe, expect, it, vi } from "vitest";
import { DRAW_DEFAULTS, withDraw } from "../../../../src/app/features/draw/state/drawSettings.ts";
import {
  ADDRESS,
  type ParamGroup,
  type Params,
  readParams,
  withLoaded,
  withParams,
  withSettings,
} from "../../../../src/app/state/address.ts";
import type { Run } from "../../../../src/app/state/slices/run.ts";
import type { ViewName } from "../../../../src/app/state/slices/view.ts";
import { initialState } from "../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { configFromQuery } from "../../../../src/engine/config/url.ts";

const state = initialState("tiny", presetConfig("tiny"));
const NOTHING = new URLSearchParams();

type Values = { [Group in ParamGroup]?: Partial<Params<Group>> };

/** Values that differ from the defaults, and how addresses of earlier versions of the page have them. */
const WRITTEN: [query: string, values: Values][] = [
  [
    "view=charts&backend=wasm&run=a.b&step=50&images=-1451794708&present=1",
    {
      page: {
        view: "charts",
        backend: "wasm",
        runId: "a.b",
        heldStep: 50,
        images: -1_451_794_708,
        present: true,
      },
    },
  ],
  [
    "smoothing=0&x=time&xScale=log&yScale=linear&zoom=100-61234.5",
    {
      charts: {
        smoothing: 0,
        x: "time",
        xScale: "log",
        yScale: "linear",
        zoom: { from: 100, to: 61_234.5 },
      },
    },
  ],
  ["write=42", { train: { write: "42" } }],
  ["digit=7", { train: { digit: "7" } }],
  [
    "start=fill&of=own&is=3&part=left&resamplings=3&jump=2",
    { draw: { start: "fill", of: "own", is: 3, part: "left", resamplings: "3", jump: "2" } },
  ],
  ["start=invert&of=drawing&back=0.7", { draw: { start: "invert", of: "drawing", back: 0.7 } }],
  [
    "start=readings&first=2&flip=upDown&second=5",
    { draw: { start: "readings", first: "2", flip: "upDown", second: "5" } },
  ],
  [
    "sampler=corrected&stepSize=0.2&stepSizeB=0.3",
    { drawA: { sampler: "corrected", stepSize: "0.2" }, drawB: { stepSize: "0.3" } },
  ],
  [
    "compare=1&start=digit&digits=12&noise=9&level=0.3&between=4,5&mix=0&image=6&corners=7&ask=between&label=3&to=8&text=314",
    {
      draw: {
        isComparing: true,
        start: "digit",
        count: "12",
        seed: "9",
        level: 0.3,
        pair: [4, 5],
        mix: 0,
        digit: 6,
        corners: "7",
        ask: "between",
        label: "3",
        to: "8",
        text: "314",
      },
    },
  ],
  [
    "network=run-1%402@40&weights=raw&sampler=ancestral&spacing=logSnr&steps=5&eta=0.5&scale=2",
    {
      drawA: {
        network: { kind: "stored", runId: "run-1@2", step: 40 },
        weights: "raw",
        sampler: "ancestral",
        spacing: "logSnr",
        steps: "5",
        eta: "0.5",
        guidance: "2",
      },
    },
  ],
  [
    "networkB=a@3&weightsB=raw&samplerB=heun&spacingB=even&stepsB=&etaB=1&scaleB=3",
    {
      drawB: {
        network: { kind: "stored", runId: "a", step: 3 },
        weights: "raw",
        sampler: "heun",
        spacing: "even",
        steps: "",
        eta: "1",
        guidance: "3",
      },
    },
  ],
  ["denoising=3&sample=7&film=both", { evolution: { frame: 3, digit: 6, film: "both" } }],
  ["runs=b,a&figure=stepMs", { compare: { chosenIds: ["b", "a"], figure: "stepMs" } }],
  ["runs=", { compare: { chosenIds: [] } }],
  [
    "measure=run-7@400&measureWeights=raw&measureCount=1000&measureSampler=heun&measureSpacing=logSnr&measureSteps=20&measureSeed=5&measureGuidance=2.5",
    {
      quality: {
        network: { kind: "stored", runId: "run-7", step: 400 },
        weights: "raw",
        count: "1000",
        sampler: "heun",
        spacing: "logSnr",
        steps: "20",
        seed: "5",
        guidance: "2.5",
      },
    },
  ],
  ["block=downs.0.1", { model: { block: "downs.0.1" } }],
  [
    "layers=data,paths&flow=0.4&play=langevin&walk=0.3&annealed=1&class=1",
    {
      plane: {
        layers: ["data", "paths"],
        time: 0.4,
        mode: "langevin",
        walkLevel: 0.3,
        isAnnealed: true,
        label: 1,
      },
    },
  ],
];

const groupsOf = (values: Values) => Object.entries(values) as [ParamGroup, object][];

describe("the page's address", () => {
  it("knows the layers of points by their older name", () => {
    const { layers } = readParams("plane", new URLSearchParams("layers=data,ways"));
    expect(layers).toEqual(["data", "paths"]);
  });

  it.each(WRITTEN)("is read and written as %s", (text, values) => {
    const query = new URLSearchParams(text);
    let written = new URLSearchParams("preset=tiny");
    for (const [group, expected] of groupsOf(values)) {
      expect(readParams(group, query)).toMatchObject(expected);
      written = withParams(written, group, expected);
    }
    expect(Object.fromEntries(written)).toEqual({ preset: "tiny", ...Object.fromEntries(query) });
    // What is as by default again is no longer named.
    for (const [group, expected] of groupsOf(values)) {
      const { preset: _, ...defaults } = { preset: null, ...readParams(group, NOTHING) };
      expect(Object.keys(defaults)).toEqual(expect.arrayContaining(Object.keys(expected)));
      written = withParams(written, group, defaults);
    }
    expect(written.toString()).toBe("preset=tiny");
  });

  it("does not name what is emptied, or chosen as it is without a choice, and keeps eta 0 whatever the settings say", () => {
    const emptied = { steps: "", guidance: "", weights: "ema", eta: "0" };
    expect(withParams(NOTHING, "drawA", emptied).toString()).toBe("");
    expect(readParams("drawA", new URLSearchParams("steps=&scale="))).toMatchObject({
      steps: null,
      guidance: null,
      weights: "ema",
      eta: "0",
    });
    expect(withParams(NOTHING, "quality", { steps: "", weights: "ema" }).toString()).toBe("");
  });

  it("has an example of each parameter above, but of the two that come with the settings", () => {
    const named = new Set(WRITTEN.flatMap(([query]) => [...new URLSearchParams(query).keys()]));
    const all = Object.values(ADDRESS).flatMap((group) => Object.values(group));
    const missing = all.map(({ key }) => key).filter((key) => !named.has(key));
    expect(missing).toEqual(["preset", "model"]);
  });

  it.each([
    "view=toString",
    "backend=cuda",
    "step=-5",
    "smoothing=1",
    "smoothing=a",
    "x=toString",
    "zoom=5-5",
    "zoom=a",
    "start=none",
    "level=2",
    "level=",
    "mix=-1",
    "between=1",
    "between=1,2,3",
    "image=x",
    "network=a",
    "sampler=toString",
    "denoising=1.5",
    "sample=0",
    "film=sideways",
    "ask=all",
  ])("passes over %s", (text) => {
    for (const group of Object.keys(ADDRESS) as ParamGroup[]) {
      expect(readParams(group, new URLSearchParams(text))).toEqual(readParams(group, NOTHING));
    }
  });

  it("gets the settings back as they were written", () => {
    const config = { ...presetConfig("tiny"), epochs: 7, dimMults: [1, 2, 4] };
    const query = withSettings(new URLSearchParams(""), "tiny", config);
    expect(configFromQuery(query)).toEqual({ preset: "tiny", config });
  });

  it("keeps what is no setting, and drops settings that are as in the preset again", () => {
    const before = new URLSearchParams("backend=wasm&preset=tiny&epochs=7");
    const after = withSettings(before, "quick", presetConfig("quick"));
    expect(after.toString()).toBe("backend=wasm&preset=quick");
  });

  it("names the model that is loaded, without what was chosen for another network", () => {
    const chosen = "sampler=ddim&spacing=even&steps=10&scale=2";
    const measured = "measureSampler=ddim&measureSpacing=even&measureSteps=9&measureGuidance=3";
    const others = "eta=0.5&stepsB=7&measureCount=64";
    const model = "pretrained-quick-1-step.safetensors";
    const written = (query: string, fileName: string | null) =>
      String(withLoaded(new URLSearchParams(query), fileName));
    const all = `${others}&${chosen}&${measured}`;
    expect(written(all, model)).toBe(`${others}&model=${model}`);
    expect(written(`${all}&model=pretrained-quick.safetensors`, model)).toBe(
      `${others}&model=${model}`,
    );
    expect(written(all, "my-own.safetensors")).toBe(others);
    // What was chosen stays with this very model, with a network that is named, and when weights are put away.
    expect(written(`${all}&model=${model}`, model)).toBe(`${all}&model=${model}`);
    expect(written(`${all}&network=a@3`, model)).toBe(
      `${others}&${chosen}&network=a%403&model=${model}`,
    );
    expect(written(`${all}&measure=a@3`, model)).toBe(
      `${others}&${measured}&measure=a%403&model=${model}`,
    );
    expect(written(`${all}&model=${model}`, null)).toBe(all);
  });
});

describe("the address bar", () => {
  afterEach(() => void vi.unstubAllGlobals());

  /** A page that has just been loaded, with what it does to the address. */
  async function loadedAt(search: string) {
    const written: [how: string, address: string][] = [];
    const write = (how: string) => (_: unknown, __: string, address: string) =>
      void written.push([how, address]);
    const location = {
      search,
      hash: "#about",
      pathname: "/app/",
      href: `https://digits.example/app/${search}#about`,
      reload: () => written.push(["reload", ""]),
    };
    const history = { state: null, replaceState: write("replace"), pushState: write("push") };
    vi.stubGlobal("window", { location, history });
    vi.stubGlobal("location", location);
    vi.resetModules();
    return { written, location, address: await import("../../../../src/app/state/address.ts") };
  }

  it("has an entry of its own for each view, and none for a change of settings", async () => {
    const { written, address } = await loadedAt("?preset=tiny");
    address.goToView("charts");
    address.rewriteAddress((query) => withSettings(query, "quick", presetConfig("quick")));
    expect(written).toEqual([
      ["push", "?preset=tiny&view=charts#about"],
      ["replace", "?view=charts&preset=quick#about"],
    ]);
  });

  it("goes back to a view, but not to the settings that were there with it", async () => {
    const { written, location, address } = await loadedAt("?preset=tiny");
    address.goToView("charts");
    address.rewriteAddress((query) => withSettings(query, "quick", presetConfig("quick")));
    location.search = "?preset=tiny";
    expect(address.viewGoneTo()).toBe("train");
    expect(written.at(-1)).toEqual(["replace", "?preset=quick#about"]);
    expect(String(address.addressQuery())).toBe("preset=quick");
  });

  it("tells of each change until nobody wants to know", async () => {
    const { address } = await loadedAt("");
    const listener = vi.fn();
    const end = address.onAddressChange(listener);
    address.goToView("charts");
    address.rewriteAddress((query) => withSettings(query, "quick", presetConfig("quick")));
    expect(listener).toHaveBeenCalledTimes(2);
    end();
    address.goToView("train");
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it("is shared without what is in this browser alone", async () => {
    const { address } = await loadedAt(
      "?preset=tiny&epochs=7&backend=wasm&run=a&compare=a.b&step=5&x=time&view=charts",
    );
    expect(address.shareLink({ ...state, view: "charts" })).toBe(
      "https://digits.example/app/?preset=tiny&epochs=7&x=time&view=charts",
    );
    expect(address.addressQuery().get("run")).toBe("a");
    const bare = await loadedAt("?backend=wasm&run=a");
    expect(bare.address.shareLink(state)).toBe("https://digits.example/app/");
  });

  it("is shared with what is asked for in the view that is shown, and nothing of another", async () => {
    const { a, b } = DRAW_DEFAULTS;
    const drawn = { ...DRAW_DEFAULTS, isComparing: true, mix: 0.5, ask: "class" } as const;
    const stored = { kind: "stored", runId: "a", step: 3 } as const;
    const sampling = { weights: "raw", sampler: "ddim", spacing: "even", eta: "1" } as const;
    const side = { ...sampling, steps: "3", guidance: "2" };
    const settings = { ...drawn, a: { ...a, ...side, network: stored }, b: { ...b, ...side } };
    const ofDenoise = withDraw(new URLSearchParams(), settings);
    ofDenoise.delete("network");
    const query = withDraw(withParams(ofDenoise, "train", { digit: "7" }), settings);
    const { address } = await loadedAt(`?${query}&measureSteps=4&film=both&figure=stepMs`);
    const shared = (view: ViewName) =>
      String(new URL(address.shareLink({ ...state, view })).searchParams);
    expect(shared("train")).toBe("digit=7");
    expect(shared("denoise").split("&").sort()).toEqual(String(ofDenoise).split("&").sort());
    expect(shared("quality")).toBe("measureSteps=4");
    expect(shared("evolution")).toBe("film=both");
    expect(shared("compare")).toBe("figure=stepMs");
    expect(shared("lessons")).toBe("");
  });

  it("is shared with the model that a distillation on the page needs", async () => {
    const { address } = await loadedAt("?preset=quick&distilFrom=8");
    const config = { ...presetConfig("quick"), distilFrom: 8 };
    const begunWith = (startedFrom: string) => {
      const run = { size: { startedFrom } } as Run;
      return new URL(address.shareLink({ ...state, config, run })).searchParams.get("model");
    };
    expect(begunWith("pretrained-quick.safetensors")).toBe("pretrained-quick.safetensors");
    expect(begunWith("Quick, 25 Nov")).toBeNull();
  });

  it("has no question mark where nothing follows it", async () => {
    const { written, address } = await loadedAt("?model=gone");
    address.rewriteAddress(() => new URLSearchParams());
    expect(written).toEqual([["replace", "/app/#about"]]);
  });

  it("names another backend before the page is loaded anew", async () => {
    const { written, address } = await loadedAt("?preset=tiny&backend=webgpu");
    address.reloadWithBackend("wasm");
    expect(written).toEqual([
      ["replace", "?preset=tiny&backend=wasm#about"],
      ["reload", ""],
    ]);
  });
});
