import { afterEach, describe, expect, it, vi } from "vitest";
import { backendFromQuery, withSettings } from "../../../../src/app/state/address.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { configFromQuery } from "../../../../src/engine/config/url.ts";

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
});

describe("the address bar", () => {
  afterEach(() => void vi.unstubAllGlobals());

  /** A page that has just been loaded, with what it does to the address. */
  async function loadedAt(search: string) {
    const written: [how: string, address: string][] = [];
    const write = (how: string) => (_: unknown, __: string, address: string) =>
      void written.push([how, address]);
    const location = {
      ...{ search, hash: "#about", href: `https://digits.example/app/${search}#about` },
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
      "?preset=tiny&epochs=7&backend=wasm&run=a&compare=a.b&step=5&view=charts",
    );
    expect(address.shareLink()).toBe(
      "https://digits.example/app/?preset=tiny&epochs=7&view=charts",
    );
    expect(address.addressQuery().get("run")).toBe("a");
    const bare = await loadedAt("?backend=wasm&run=a");
    expect(bare.address.shareLink()).toBe("https://digits.example/app/");
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
