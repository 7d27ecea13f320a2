import "@tensorflow/tfjs-backend-wasm";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "@tensorflow/tfjs-backend-webgpu";
import { registerWasmKernels } from "../../../../src/engine/ops/wasm/register.ts";
import { tuningOf } from "../../../../src/engine/ops/webgpu/tuning.ts";
import { MEMORY_BUDGET_BYTES } from "../../../../src/engine/train/memory.ts";
import {
  enableWebgpu,
  startBackend,
  turnOnGraphics,
} from "../../../../src/hosts/worker/backend.ts";
import { chooseWasmBinaries } from "../../../../src/hosts/worker/wasmBinaries.ts";
import type { Fallback, LadderRung } from "../../../../src/runtime/run/events.ts";

// It imports files in the way of the bundler; in Node the backend finds its own.
vi.mock("../../../../src/hosts/worker/wasmBinaries.ts", () => ({ chooseWasmBinaries: vi.fn() }));
// Compiled for each test file, which takes seconds.
vi.mock("../../../../src/engine/ops/wasm/register.ts", () => ({ registerWasmKernels: vi.fn() }));

// The package registers its backend when it is loaded, where the browser has WebGPU.
vi.hoisted(() => vi.stubGlobal("navigator", { gpu: {} }));
const webgpuFactory = tf.findBackendFactory("webgpu");

const CARD = { vendor: "nvidia", architecture: "ampere", device: "", description: "" };
const SOFTWARE = { ...CARD, vendor: "google", architecture: "swiftshader" };

function fakeDevice() {
  return {
    features: new Set(),
    limits: {},
    queue: { submit: vi.fn() },
    lost: new Promise(() => {}),
    addEventListener: vi.fn(),
  };
}

function fakeAdapter(overrides: object = {}) {
  return {
    features: new Set(),
    limits: {},
    info: CARD,
    requestDevice: async () => fakeDevice(),
    ...overrides,
  };
}

function browserWith(requestAdapter: (() => Promise<unknown>) | null, userAgent = "Chrome/1") {
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("navigator", {
    userAgent,
    ...(requestAdapter && { gpu: { requestAdapter } }),
  });
}

const start = (choice: "auto" | "webgpu" | "wasm" = "auto") => startBackend(choice, () => {});

beforeEach(() => {
  tf.removeBackend("webgpu");
  tf.registerBackend("webgpu", webgpuFactory);
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock("@tensorflow/tfjs-backend-webgpu");
});

describe("what is computed on", () => {
  it.each([
    ["no WebGPU", null, "no WebGPU"],
    ["no adapter", async () => null, "no graphics adapter"],
    [
      "an adapter that is refused",
      () => Promise.reject(new Error("blocklisted driver")),
      "blocklisted driver",
    ],
    [
      "a device that is refused",
      async () => fakeAdapter({ requestDevice: () => Promise.reject(new Error("no such limit")) }),
      "no such limit",
    ],
  ])("is WebAssembly where there is %s, with the reason", async (_, requestAdapter, reason) => {
    browserWith(requestAdapter);
    const report = await start();
    expect(report).toMatchObject({ backend: "wasm", device: "WebAssembly SIMD" });
    expect(report.reason).toContain(reason);
    expect(report.advice).not.toBeNull();
    expect(tf.getBackend()).toBe("wasm");
  });

  it("is WebAssembly where the program for WebGPU cannot be loaded", async () => {
    browserWith(async () => fakeAdapter());
    vi.doMock("@tensorflow/tfjs-backend-webgpu", () => {
      throw new Error("Failed to fetch");
    });
    const report = await start("webgpu");
    expect(report.backend).toBe("wasm");
    expect(report.reason).toContain("could not be loaded");
  });

  it.each([
    ["that tells what it is", CARD, "nvidia, ampere"],
    ["that does not", undefined, "WebGPU adapter"],
  ])("is an adapter %s", async (_, info, device) => {
    browserWith(async () => fakeAdapter({ info }));
    expect(await start()).toMatchObject({ backend: "webgpu", device, reason: null });
    expect(tf.getBackend()).toBe("webgpu");
  });

  it("takes a third of the memory on a phone", async () => {
    const budget = MEMORY_BUDGET_BYTES.webgpu;
    browserWith(async () => fakeAdapter(), "Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile");
    expect(await start()).toMatchObject({ backend: "webgpu" });
    expect(MEMORY_BUDGET_BYTES.webgpu).toBe(budget / 3);
    MEMORY_BUDGET_BYTES.webgpu = budget;
  });

  describe("on a rung of the ladder that the adapter went down to", () => {
    const fallback = (rung: LadderRung, adapter = "nvidia, ampere"): Fallback => {
      return { rung, adapter, reason: "A program was refused.", details: "which" };
    };
    const startOn = (of: Fallback) => startBackend("auto", () => {}, of);
    const info = CARD;

    it("is the adapter in its safe form", async () => {
      browserWith(async () => fakeAdapter({ info }));
      const report = await startOn(fallback("safe"));
      const { reason } = fallback("safe");
      expect(report).toMatchObject({ backend: "webgpu", rung: "safe", reason });
      expect(report.fallback?.details).toBe("which");
      const { device } = tf.backend() as WebGPUBackend;
      expect(tuningOf(device)).toMatchObject({ tiles: "registers", usesSubgroups: false });
    });

    it("is WebAssembly, and no device is opened", async () => {
      const requestDevice = vi.fn(async () => fakeDevice());
      browserWith(async () => fakeAdapter({ info, requestDevice }));
      const report = await startOn(fallback("wasm"));
      expect(report).toMatchObject({
        backend: "wasm",
        rung: "wasm",
        reason: "A program was refused.",
      });
      expect(report.fallback?.details).toBe("which");
      expect(requestDevice).not.toHaveBeenCalled();
    });

    it("is another adapter as if nothing had been", async () => {
      browserWith(async () => fakeAdapter({ info }));
      for (const rung of ["safe", "wasm"] as const) {
        const report = await startOn(fallback(rung, "amd"));
        expect(report).toMatchObject({ backend: "webgpu", rung: "card", fallback: null });
      }
    });
  });

  it("is an adapter that computes on the processor only when that was chosen", async () => {
    browserWith(async () => fakeAdapter({ info: SOFTWARE }));
    expect((await start()).backend).toBe("wasm");
    expect((await start("webgpu")).backend).toBe("webgpu");
  });

  it("is WebAssembly without its fast kernels where these cannot be loaded", async () => {
    browserWith(null);
    vi.mocked(registerWasmKernels).mockRejectedValueOnce(new Error("Failed to fetch"));
    const report = await start("wasm");
    expect(report.backend).toBe("wasm");
    expect(report.reason).toContain("Failed to fetch");
    expect(report.advice).not.toBeNull();
  });

  it("is nothing where neither starts, and the error has both reasons", async () => {
    browserWith(() => Promise.reject(new Error("blocklisted driver")));
    vi.mocked(chooseWasmBinaries).mockRejectedValueOnce(new Error("Failed to fetch"));
    await expect(start()).rejects.toThrow(/blocklisted driver.*either.*Failed to fetch/);
  });

  it("is nothing where WebAssembly was chosen and does not start: nothing else has failed", async () => {
    vi.mocked(chooseWasmBinaries).mockRejectedValueOnce(new Error("Failed to fetch"));
    const failure = await start("wasm").catch(({ message }) => message);
    expect(failure).toMatch(/^WebAssembly was chosen\. .*Failed to fetch/);
    expect(failure).not.toContain("either");
  });

  it.each([
    ["Firefox/140.0", "about:support"],
    ["Chrome/141.0 Safari/537.36 Edg/141.0", "edge://gpu"],
    ["Chrome/141.0 Safari/537.36", "chrome://gpu"],
    ["Version/26.0 Safari/605.1.15", null],
  ])("in %s is explained on the browser's own page, %s", async (userAgent, page) => {
    browserWith(async () => null, userAgent);
    const { advice } = await start();
    expect(/\w+:\S+/.exec(advice ?? "")?.[0] ?? null).toBe(page);
  });
});

it("a browser that does not answer when it is asked for an adapter is not waited for", async () => {
  vi.useFakeTimers();
  try {
    browserWith(() => new Promise(() => {}));
    const report = start();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await report).toMatchObject({
      backend: "wasm",
      reason: expect.stringContaining("did not answer for 20 seconds"),
    });
  } finally {
    vi.useRealTimers();
  }
});

it("where there is no graphics card the page says that all works without, unless that is faster anyway", async () => {
  browserWith(async () => null);
  expect((await start()).reason).toMatch(/Everything works without one, only slower\.$/);
  browserWith(async () => fakeAdapter({ info: SOFTWARE }));
  expect((await start()).reason).toMatch(/WebAssembly is faster there\.$/);
});

const LINUX = "Mozilla/5.0 (X11; Linux x86_64)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";

it.each([
  [`${LINUX} AppleWebKit/537.36 Chrome/156.0 Safari/537.36`, /chrome:\/\/flags.*#enable-vulkan/],
  [`${LINUX} AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0`, /edge:\/\/flags/],
  [`${LINUX} Gecko/20100101 Firefox/150.0`, /^turn on graphics acceleration/],
  [`${WINDOWS} AppleWebKit/537.36 Chrome/156.0 Safari/537.36`, /^turn on graphics acceleration/],
  ["Mozilla/5.0 (Linux; Android 16) Chrome/156.0 Mobile Safari/537.36", /^update the browser/],
])("the hint on an adapter in software names what to set: %s", (userAgent, hint) => {
  expect(turnOnGraphics(userAgent)).toMatch(hint);
});

it.each([
  [`${LINUX} Gecko/20100101 Firefox/150.0`, /about:config.*dom\.webgpu\.enabled/],
  [`${MAC} AppleWebKit/605.1.15 Version/18.6 Safari/605.1.15`, /Safari 26.*Feature Flags/],
  [`${WINDOWS} AppleWebKit/537.36 Chrome/110.0 Safari/537.36`, /current Chrome/],
])("the hint on a browser without WebGPU names what to set: %s", (userAgent, hint) => {
  expect(enableWebgpu(userAgent)).toMatch(hint);
});
