import { expect, it, vi } from "vitest";
import { presetConfig } from "../../../src/engine/config/presets.ts";
import { CARD, SAFE, SOFTWARE, setTuning } from "../../../src/engine/ops/webgpu/tuning.ts";
import { DeviceWatch } from "../../bench/stock/deviceWatch.ts";
import { fusedTrainer } from "../../bench/stock/training.ts";
import { startOnFakeGpu } from "../fakeGpu.ts";

// Of 3,400,000 start values those of chance take seconds, and nothing computes with them.
vi.mock("../../../src/engine/nn/parameters.ts", async (original) => {
  const real = await original<typeof import("../../../src/engine/nn/parameters.ts")>();
  const initialValues: typeof real.initialValues = (specs) =>
    new Float32Array(real.totalElements(specs));
  return { ...real, initialValues };
});

it("a step of the assignment's network takes at most 500 dispatches and 14 MB an image, on a graphics card and on the processor", async () => {
  const { backend } = await startOnFakeGpu();
  const watch = new DeviceWatch();
  const config = { ...presetConfig("assignment"), batchSize: 32 };
  const trainer = fusedTrainer(config, 4);
  for (const tuning of [CARD, SOFTWARE]) {
    setTuning(backend.device, tuning);
    await trainer.step();
    watch.takeCounts();
    // The second has all its constants.
    await trainer.step();
    const counts = watch.takeCounts();
    expect(counts?.dispatches).toBeGreaterThan(100);
    expect(counts?.dispatches).toBeLessThanOrEqual(500);
    expect((counts?.peakBytes ?? Number.NaN) / config.batchSize).toBeLessThanOrEqual(14e6);
  }
  trainer.dispose();
});

it("on the safe rung a step has no barriers and no subgroups, but for TensorFlow.js' own sums and products", async () => {
  const { account, backend } = await startOnFakeGpu();
  const used = { card: new Set<string>(), safe: new Set<string>() };
  for (const [rung, tuning] of [
    ["card", CARD],
    ["safe", SAFE],
  ] as const) {
    setTuning(backend.device, tuning);
    account.run = ({ label, code }) => {
      if (/Barrier|subgroup/.test(code)) used[rung].add(label.split(" ")[0] as string);
    };
    const trainer = fusedTrainer({ ...presetConfig("quick"), batchSize: 2 }, 1);
    await trainer.step();
    trainer.dispose();
  }
  const ofOthers = /^(Reduce|MatMul\w*)Program$/;
  expect([...used.card].filter((name) => !ofOthers.test(name)).length).toBeGreaterThan(5);
  expect([...used.safe].filter((name) => !ofOthers.test(name))).toEqual([]);
});

it("steps repeat their bind groups, but for TensorFlow.js' own programs, and are cut by their work alone", async () => {
  // Without a budget, which follows from the clock: then nothing but reading ends a submit.
  await startOnFakeGpu(Number.POSITIVE_INFINITY);
  const config = { ...presetConfig("assignment"), batchSize: 2 };
  const numSteps = 8;
  const trainer = fusedTrainer(config, numSteps);
  // The vectors of parameters and optimizer take several steps to return to where they were.
  for (let step = 0; step < numSteps - 1; step++) await trainer.step();
  const made = vi.spyOn(GPUDevice.prototype, "createBindGroup");
  const encoders = vi.spyOn(GPUDevice.prototype, "createCommandEncoder");
  await trainer.step();
  expect(made.mock.calls.length).toBeLessThanOrEqual(31);
  expect(encoders.mock.calls.length).toBeLessThanOrEqual(4);
  trainer.dispose();
});
