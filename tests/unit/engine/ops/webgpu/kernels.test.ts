import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { parseWgsl, validate, writeHlsl, writeMsl, writeSpirv } from "naga-wasm";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { fullAttention } from "../../../../../src/engine/ops/attention.ts";
import { inPrecision, type Precision } from "../../../../../src/engine/ops/precision.ts";
import { run } from "../../../../../src/engine/ops/webgpu/program.ts";
import { CARD, setTuning, type Tuning } from "../../../../../src/engine/ops/webgpu/tuning.ts";
import { denoiserOf, lossAndGradient } from "../../../../../src/engine/train/gradient.ts";
import { normal, tensorOf } from "../../../../evaluate.ts";
import { TUNINGS } from "../../../../gpu/kernelShapes.ts";
import { CASES, evaluateCase } from "../../../../gpu/operations.ts";
import { inFull } from "../../../../inFull.ts";
import { relativeError } from "../../../../relativeError.ts";
import type { Dispatch, Emulator } from "../../../../wgsl/emulator.ts";
import { startOnEmulatedGpu } from "../../../fakeGpu.ts";

const MAX_ERROR = 1e-5;

/** It decides the order in which everything runs, and on which size of subgroups a case is run. `SEED=7` chooses another. */
const SEED = Number(process.env.SEED ?? 1);

/** A case takes up to 6 s, and the network 25 s; each several times as long where other tests have the processor. */
const TIMEOUT = 300_000;

/** Invocations of a subgroup; programs that use none do not depend on it. */
const SUBGROUP_SIZES = [8, 32, 64];

interface Barrier {
  /** The kernel and the place in it, which the variants of a kernel share. */
  name: string;
  /** Whether there was a race without it. */
  isNeeded: boolean;
  /** How often a workgroup waited there, at most. */
  numWaits: number;
}

/** By code and site. */
const barriers = new Map<string, Barrier>();

/** The kernel of each of our programs, by its code. */
const programs = new Map<string, string>();

let backend: WebGPUBackend;
let emulator: Emulator;

beforeAll(async () => {
  const gpu = await startOnEmulatedGpu(SEED);
  ({ backend, emulator } = gpu);
  gpu.account.run = (dispatch) => {
    // TensorFlow.js' own programs, which have another entry point, are run as they are.
    const isJudged = dispatch.code.includes("fn start(");
    const waits = emulator.run(dispatch, { isJudged });
    if (!isJudged) return;
    programs.set(dispatch.code, dispatch.label.split(" ")[0] ?? "");
    if (inFull) removeBarriers(dispatch, waits);
  };
});

afterEach(() => emulator.findings.clear());

/** In the tuning, on a device with subgroups of so many invocations or with none. */
function use(tuning: Tuning | null, subgroupSize: number | null): void {
  const { features, adapterInfo } = backend.device as unknown as {
    features: Set<string>;
    adapterInfo: { subgroupMinSize?: number };
  };
  if (subgroupSize) features.add("subgroups");
  else features.delete("subgroups");
  emulator.subgroupSize = subgroupSize ?? 1;
  adapterInfo.subgroupMinSize = emulator.subgroupSize;
  // Programs are kept by the tuning's identity.
  setTuning(backend.device, { ...(tuning ?? CARD) });
}

/** Looks at some workgroups without each barrier of which it is not known yet that it is needed. */
function removeBarriers(dispatch: Dispatch, waits: ReadonlyMap<number, number>): void {
  const [kernel = ""] = dispatch.label.split(" ");
  // The entry point's own barrier is there for SwiftShader alone (`PLACE_IN_SUBGROUPS`).
  const sites = emulator.barriersOf(dispatch.code, "start");
  const [x, y, z] = dispatch.numGroups;
  const last = x * y * z - 1;
  for (const [i, site] of sites.entries()) {
    const key = `${site} ${dispatch.code}`;
    const name = `${kernel}, barrier ${i + 1} of ${sites.length}`;
    const known = barriers.get(key) ?? { name, isNeeded: false, numWaits: 0 };
    barriers.set(key, known);
    known.numWaits = Math.max(known.numWaits, waits.get(site) ?? 0);
    if (known.isNeeded) continue;
    const groups = [...new Set([0, last >> 1, last])];
    known.isNeeded = emulator.racesWithout(site, dispatch, groups);
  }
}

describe.each([...CASES])("%s", { timeout: TIMEOUT }, (name, { isLong, tunings = [null] }) => {
  it.each(tunings)(
    "computes on %s tiles what the composed form does, without mistakes",
    { tags: isLong ? "long" : [] },
    async (tuning) => {
      const expected = await evaluateCase("wasm", name);
      for (const subgroupSize of name.startsWith("rmsNorm") ? sizesFor(name) : [null]) {
        use(tuning && TUNINGS[tuning], subgroupSize);
        const { value, gradients } = await evaluateCase("webgpu", name);
        const errors = [
          relativeError(value.values, expected.value.values),
          ...gradients.map(({ values }, i) =>
            relativeError(values, expected.gradients[i]?.values ?? []),
          ),
        ];
        // Not `some`, which a NaN would pass.
        expect(
          errors.every((error) => error < MAX_ERROR),
          `${errors} with seed ${SEED}`,
        ).toBe(true);
        expect(emulator.report()).toEqual([]);
      }
    },
  );
});

/** Only norms use subgroups; the short form takes one of the sizes for each case. */
function sizesFor(name: string): (number | null)[] {
  const index = [...CASES.keys()].indexOf(name);
  return [null, ...(inFull ? SUBGROUP_SIZES : [drawnSize(index)])];
}

function drawnSize(index: number): number {
  return SUBGROUP_SIZES[(index + SEED) % SUBGROUP_SIZES.length] as number;
}

describe("a whole network in a card's tuning", { timeout: TIMEOUT }, () => {
  const numImages = 2;

  async function pass(backendName: string, precision: Precision = "float32") {
    await tf.setBackend(backendName);
    const denoiser = denoiserOf({ ...presetConfig("tiny"), classes: 3, precision }, null);
    const images = (index: number) => tensorOf<tf.Tensor4D>(normal([numImages, 28, 28, 1], index));
    const { loss, gradient } = lossAndGradient(denoiser, {
      x0: images(0),
      eps: images(1),
      timesteps: Int32Array.of(100, 900),
    });
    return { loss: await loss.data(), gradient: await gradient.data() };
  }

  it("has the loss and the gradient of the composed form, whatever the order", {
    tags: "long",
  }, async () => {
    const expected = await pass("wasm");
    // Its kernels without subgroups are those of the cases.
    const sizes = inFull ? [null, ...SUBGROUP_SIZES] : [drawnSize(0)];
    for (const subgroupSize of sizes) {
      use(CARD, subgroupSize);
      const { loss, gradient } = await pass("webgpu");
      expect(relativeError(loss, expected.loss)).toBeLessThan(MAX_ERROR);
      expect(relativeError(gradient, expected.gradient)).toBeLessThan(MAX_ERROR);
      expect(emulator.report()).toEqual([]);
    }
  });

  it("makes no mistakes in mixed precision either", { tags: "long" }, async () => {
    const expected = await pass("wasm");
    use(CARD, SUBGROUP_SIZES[0] as number);
    const { loss, gradient } = await pass("webgpu", "mixed");
    // The last bit of a half is a part in 1024 to 2048.
    expect(relativeError(loss, expected.loss)).toBeLessThan(2 ** -10);
    expect(relativeError(gradient, expected.gradient)).toBeLessThan(2 ** -7);
    expect(emulator.report()).toEqual([]);
  });
});

describe("an image that is not finite", () => {
  it("does not reach another by an attention weight of 0", async () => {
    await tf.setBackend("webgpu");
    use(TUNINGS["small workgroup tiles and many parts"], null);
    const [numImages, numPositions, channels] = [2, 9, 8];
    // With the 4 of the memory, 13 keys take 16 places.
    const { values, shape } = normal([numImages, 3, 3, channels]);
    const outputOf = async (second: number) => {
      const images = values.map((value, i) => (i < numPositions * channels ? value : second));
      const output = fullAttention({
        x: tensorOf({ values: images, shape }),
        qkvKernel: tensorOf(normal([1, 1, channels, 3 * 4])),
        memoryKeyValues: tensorOf(normal([2, 1, 4, 4])),
        heads: 1,
      });
      return [...(await output.data<"float32">()).slice(0, numPositions * 4)];
    };
    expect(await outputOf(Number.POSITIVE_INFINITY)).toEqual(await outputOf(0));
  });
});

describe("numbers stored as halves", () => {
  it("are infinite where no half can be, so that training notices", async () => {
    const numbers = [65504, -65504, 65505, -1e30, Number.NaN, Number.POSITIVE_INFINITY, 1 / 3, 0];
    await tf.setBackend("webgpu");
    use(CARD, null);
    const { halves } = inPrecision("mixed", () =>
      run(backend, {
        name: "storeAsHalves",
        inputs: { x: [tf.tensor1d(numbers), 4] },
        outputs: { halves: [[8], 4, "activation"] },
        uniforms: { size: 2 },
        numInvocations: 2,
        code: () =>
          "fn main(index: i32) { if (index < uniforms.size) { halves[index] = x[index]; } }",
      }),
    );
    const stored = await tf.engine().makeTensorFromTensorInfo(halves).data<"float32">();
    const infinite = Array<number>(4).fill(Number.POSITIVE_INFINITY);
    expect([...stored]).toEqual([65504, -65504, ...infinite, 0.333251953125, 0]);
    expect(emulator.report()).toEqual([]);
  });
});

describe("the barriers of all programs", { tags: "long" }, () => {
  it("are needed, each of them, so the loss of any is noticed", () => {
    const all = [...barriers.values()];
    const needed = new Set(all.flatMap(({ name, isNeeded }) => (isNeeded ? [name] : [])));
    // A barrier at the top of a loop is needed from the second turn on, so another variant has to show it.
    const needless = all.filter(
      ({ name, isNeeded, numWaits }) => !(isNeeded || (numWaits === 1 && needed.has(name))),
    );
    expect(needless.map(({ name }) => name)).toEqual([]);
    expect(all.filter(({ isNeeded }) => isNeeded).length).toBeGreaterThan(500);
  });
});

describe("naga, the compiler of Firefox,", () => {
  it("accepts every program, and writes it in the languages of Metal, Direct3D and Vulkan", () => {
    const refused: string[] = [];
    for (const [code, kernel] of programs) {
      try {
        // It has the functions of subgroups, but not yet the line that enables them.
        const module = parseWgsl(code.replace("enable subgroups;", ""));
        const info = validate(module);
        const sizes = [writeMsl, writeHlsl, writeSpirv].map((write) => write(module, info).length);
        info.free();
        module.free();
        if (sizes.some((size) => size < 100)) refused.push(`${kernel}: ${sizes}`);
      } catch (error) {
        refused.push(`${kernel}: ${error}`);
      }
    }
    expect(refused).toEqual([]);
    expect(programs.size).toBeGreaterThan(100);
  });
});
