import { afterEach, describe, expect, it, vi } from "vitest";
import { withDenoise } from "../../../../src/app/features/denoise/state/denoiseAddress.ts";
import { DENOISE_DEFAULTS } from "../../../../src/app/features/denoise/state/denoiseSettings.ts";
import { ASK_DEFAULTS, withAsk } from "../../../../src/app/shared/network/askedDigits.ts";
import { backendFromQuery, withLoaded, withSettings } from "../../../../src/app/state/address.ts";
import type { Run } from "../../../../src/app/state/slices/run.ts";
import type { ViewName } from "../../../../src/app/state/slices/view.ts";
import { initialState } from "../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { configFromQuery } from "../../../../src/engine/config/url.ts";

const state = initialState("tiny", presetConfig("tiny"));

describe("the page's address", () => {
  it("chooses the backend by itself unless one is named", () => {
    expect(backendFromQuery(new URLSearchParams(""))).toBe("auto");
    expect(backendFromQuery(new URLSearchParams("backend=cuda"))).toBe("auto");
    expect(backendFromQuery(new URLSearchParams("backend=wasm"))).toBe("wasm");
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
    const { a, b } = DENOISE_DEFAULTS;
    const drawn = { ...DENOISE_DEFAULTS, isComparing: true, mix: 0.5, ask: "class" } as const;
    const stored = { kind: "stored", runId: "a", step: 3 } as const;
    const sampling = { weights: "raw", sampler: "ddim", spacing: "even", eta: "1" } as const;
    const side = { ...sampling, steps: "3", guidance: "2" };
    const settings = { ...drawn, a: { ...a, ...side, network: stored }, b: { ...b, ...side } };
    const ofDenoise = withDenoise(new URLSearchParams(), settings);
    ofDenoise.delete("network");
    const query = withDenoise(withAsk(ofDenoise, { ...ASK_DEFAULTS, ask: "class" }), settings);
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
