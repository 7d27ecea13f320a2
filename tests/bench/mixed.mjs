/**
 * `npm run bench:mixed`: how far the mean loss of the first steps in mixed precision is from that in float32, on
 * WebGPU in Node (`npm install --no-save webgpu` first), seed by seed. --preset=quick, --steps=500, --seeds=0,1,2.
 */
import { parseArgs } from "node:util";
import { provideGpu } from "../../tools/nodeGpu.mjs";
import { compilingServer } from "./compilingServer.mjs";

const { values } = parseArgs({
  options: {
    preset: { type: "string", default: "quick" },
    steps: { type: "string", default: "500" },
    seeds: { type: "string", default: "0,1,2" },
  },
});
const numSteps = Number(values.steps);

try {
  if (!(numSteps >= 1)) throw new Error(`--steps=${values.steps} is not a number of at least 1.`);
  await provideGpu();
  const server = await compilingServer();
  const load = (file) => server.ssrLoadModule(`/src/${file}.ts`);
  const { presetConfig } = await load("engine/config/presets");
  const { readImages } = await load("hosts/cli/parts/trainingImages");
  const { startNodeBackend, endOnFault } = await load("hosts/cli/parts/nodeBackend");
  const { microBatchSize } = await load("engine/train/memory");
  const { TrainingSession } = await load("engine/train/session");
  const { compileAhead } = await load("runtime/run/device");
  const dataset = await readImages(undefined);
  console.log(
    `${values.preset}, ${numSteps} steps, ${await startNodeBackend("webgpu", endOnFault)}`,
  );

  /** A function that takes a training step and returns its loss. */
  const training = async (seed, precision) => {
    const config = { ...presetConfig(values.preset), seed, precision, validateEvery: 0 };
    const numImages = microBatchSize(config, config.batchSize, "webgpu");
    const session = new TrainingSession({
      config,
      dataset,
      microBatchSize: numImages,
      validationChunkSize: numImages,
      start: { from: "weights", values: null },
      stepsAhead: 0,
    });
    await compileAhead({ rehearse: () => session.rehearse(), config, numImages }, () => {});
    const reports = session.run();
    // Less than an epoch of them, so that there are no others.
    return async () => (await reports.next()).value.step.loss;
  };

  const differences = [];
  for (const seed of values.seeds.split(",").map(Number)) {
    const step = [await training(seed, "float32"), await training(seed, "mixed")];
    const sums = [0, 0];
    for (let i = 1; i <= numSteps; i++) {
      // In turns, so that there is something to see early.
      for (const [side, loss] of step.entries()) sums[side] += await loss();
      process.stderr.write(`\r\x1b[Kseed ${seed}, step ${i}: ${text(sums, i)}`);
    }
    differences.push(sums[1] / sums[0] - 1);
    console.log(`\r\x1b[Kseed ${seed}: ${text(sums, numSteps)}`);
  }
  const sum = differences.reduce((all, difference) => all + difference, 0);
  console.log(`mean difference: ${((100 * sum) / differences.length).toFixed(2)} %`);
  // A graphics device and the server would keep Node alive.
  process.exit(0);
} catch (error) {
  console.error(`\n${error.message}`);
  process.exit(1);
}

/** Of the sums of losses in float32 and mixed precision. */
function text([float32, mixed], count) {
  const means = `float32 ${(float32 / count).toFixed(4)}, mixed ${(mixed / count).toFixed(4)}`;
  return `${means}, ${(100 * (mixed / float32 - 1)).toFixed(2)} %`;
}
