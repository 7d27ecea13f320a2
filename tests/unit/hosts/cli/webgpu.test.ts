/** The command line on WebGPU: Dawn in Node, on the adapter that there is, such as Mesa's llvmpipe. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../../..");
/** Of few layers, since the time goes into compiling their programs. */
const SETTINGS = ["dim=4", "dimMults=1", "attnHeads=1", "attnDimHead=4", "batchSize=2"];
/** Mesa's llvmpipe compiles in a third less time without LLVM's optimizations. */
const DRIVER = { GALLIVM_PERF: "nopt" };

/** Whether there is an adapter. Asked in a process of its own, since Dawn would stay in this one. */
function hasGpu(): boolean {
  const ask =
    'import("./tools/nodeGpu.mjs").then(({ provideGpu }) => provideGpu()).then(() => process.exit(0))';
  return spawnSync(process.execPath, ["-e", ask], { cwd: ROOT }).status === 0;
}

const isMissing = !hasGpu();
// Where every landing is checked it is there, or this fails.
if (isMissing && !process.env.CI) {
  console.log(
    "Not tested: WebGPU in Node, for want of Dawn or of a Vulkan driver. On Debian: npm install --no-save webgpu && apt-get install mesa-vulkan-drivers",
  );
}

describe.skipIf(isMissing && !process.env.CI)(
  "the command line on WebGPU",
  { timeout: 180_000 },
  () => {
    let folder = "";
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "webgpu-"));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    async function command(args: string[], nodeOptions = "") {
      const child = spawn(process.execPath, ["src/hosts/cli/start.mjs", ...args], {
        cwd: ROOT,
        env: { ...process.env, ...DRIVER, INIT_CWD: folder, NODE_OPTIONS: nodeOptions },
      });
      let text = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk) => (text += chunk));
      const status = await new Promise((resolve) => child.on("close", resolve));
      return { status, text };
    }
    const settings = SETTINGS.flatMap((setting) => ["--config", setting]);
    const train = [
      ...["train", "--backend", "webgpu", "--preset", "tiny", "--minutes", "0.01"],
      ...settings,
    ];

    it("trains and draws on a device that has proven itself", async () => {
      const trained = await command([...train, "--out", "run.safetensors"]);
      expect(trained.text).toContain("WebGPU, ");
      expect(trained.status, trained.text).toBe(0);
      const drawn = await command([
        "sample",
        "--backend",
        "webgpu",
        "--weights",
        "run.safetensors",
        "--count",
        "4",
        "--out",
        "digits.png",
      ]);
      expect(drawn.status, drawn.text).toBe(0);
    });

    /** A file for `--import`: `patch` changes GPUDevice and GPUAdapterInfo as soon as there are such classes. */
    function faultyDevice(name: string, patch: string): string {
      const path = join(folder, `${name}.mjs`);
      writeFileSync(
        path,
        `
Object.defineProperty(globalThis, "GPUDevice", {
  configurable: true,
  set(GPUDevice) {
    Object.defineProperty(globalThis, "GPUDevice", { value: GPUDevice, configurable: true });
    const { createShaderModule } = GPUDevice.prototype;
    GPUDevice.prototype.createShaderModule = function (descriptor) {
      return createShaderModule.call(this, { ...descriptor, code: changed(descriptor.code) });
    };
  },
});
${patch}`,
      );
      return `--import ${path}`;
    }

    it("does not train on one that computes wrong numbers", { tags: "long" }, async () => {
      const fault = faultyDevice(
        "wrong",
        `const changed = (code) => code.replaceAll("inverseSqrt(max(", "inverseSqrt(-max(");`,
      );
      const { status, text } = await command([...train, "--out", "wrong.safetensors"], fault);
      expect(text).toContain("computes wrong numbers");
      expect(text).toContain("With --backend wasm it is computed on the processor.");
      expect(status).not.toBe(0);
    });

    it("trains with simpler programs on a card whose driver refuses those with barriers", {
      tags: "long",
    }, async () => {
      const fault = faultyDevice(
        "refusing",
        `
const changed = (code) => (code.includes("tile") && code.includes("workgroupBarrier") ? "refused" : code);
const card = { vendor: "nvidia", architecture: "", device: "", description: "A card", isFallbackAdapter: false };
Object.defineProperty(globalThis, "GPUAdapterInfo", {
  configurable: true,
  set(GPUAdapterInfo) {
    for (const [name, value] of Object.entries(card))
      Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => value });
  },
});`,
      );
      const { status, text } = await command([...train, "--out", "safe.safetensors"], fault);
      expect(text).toContain("WebGPU, A card");
      expect(text).toContain("The graphics card now runs simpler programs, which are slower.");
      expect(status, text).toBe(0);
    });
  },
);
