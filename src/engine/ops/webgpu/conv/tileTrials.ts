/** Tries the candidates of workgroup tiles on the device itself. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import {
  div,
  engine,
  reshape,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
import { conv2d } from "../../conv.ts";
import { joinGradients } from "../../parameterVector.ts";
import { normalRows } from "../../randomNormals.ts";
import { poolOf } from "../bufferPool.ts";
import { type CompileProgress, compilePrograms } from "../compilePrograms.ts";
import {
  CARD,
  type ChosenTiles,
  candidatesFor,
  forceTuning,
  type ProductKind,
  type ProductShape,
  shapeKey,
  tilesOf,
} from "../tuning.ts";
import { gradientWorkgroupTiles } from "./kernelGradientWorkgroup.ts";
import { convSizes, gradientSizes } from "./sizes.ts";
import { workgroupTiles } from "./workgroup.ts";

/** Most shapes of layers that are tried. */
const MAX_SHAPES = 6;
/** The square of the distance to register tiles, which add up the same products in another order. */
const MAX_SQUARED_ERROR = 1e-8;
/** What is best on paper gives way to a candidate that takes at most this part of its time. */
const CLEARLY_LESS = 0.95;
/** Of a few rounds the shortest time counts: whatever else goes on only makes them longer. */
const NUM_ROUNDS = 3;
const ROUND_MS = 8;
/** Once a product's rounds have taken so long, there is no more of them. */
const ENOUGH_MS = 150;
const MAX_CALLS = 64;
/** Of a device with nothing to do. Firefox asks its queue every 100 ms. */
const MAX_IDLE_MS = 5;

/** A candidate; null for what is best on paper. */
type Tile = object | null;

/** A convolution, or the gradient of a kernel. */
interface Product {
  kind: ProductKind;
  shape: ProductShape;
  numImages: number;
}

export interface TileTrials {
  /** Of the network's convolutions, those that take most first. */
  shapes: readonly ProductShape[];
  /** Of a pass. */
  numImages: number;
  /** Called before anything is tried. */
  onBegin: () => Promise<void>;
  /** Once so much time has passed, the rest is computed in what is best on paper. */
  budgetMs: number;
  onProgress: (progress: CompileProgress) => void;
}

/** All as it is best on paper. */
export const UNTRIED: ChosenTiles = { tiles: "workgroup", convTiles: {}, gradientTiles: {} };

/**
 * Finds for each shape the candidate that takes the least time on this device, of those that compute the
 * same as register tiles. Changes the device's tuning meanwhile.
 *
 * @returns register tiles for everything where no candidate computes the same; `UNTRIED` where nothing is tried
 * @throws Error when a program cannot be compiled
 */
export async function fastestTiles(
  backend: WebGPUBackend,
  trials: TileTrials,
): Promise<ChosenTiles> {
  const { device } = backend;
  const { budgetMs, onProgress } = trials;
  forceTuning(device, CARD);
  const products = triedProducts(device, trials);
  if (products.length === 0) return UNTRIED;
  let chosen = products.reduce((all, product) => withTile(all, product, null), UNTRIED);
  await trials.onBegin();
  if (await isIdleNoticedLate(backend)) return UNTRIED;
  await compilePrograms(backend, () => products.forEach(rehearse), onProgress);
  const startMs = performance.now();
  for (const product of products) {
    if (performance.now() - startMs >= budgetMs) break;
    const tile = await fastestTile(backend, product);
    if (tile === undefined) return { ...UNTRIED, tiles: "registers" };
    chosen = withTile(chosen, product, tile);
  }
  return chosen;

  function rehearse(product: Product): void {
    // Without the error: TensorFlow.js would make buffers for it also where nothing is computed.
    tidy(() => {
      const compute = computation(product);
      forceRegisters(device);
      compute();
      for (const tile of candidatesOf(product)) {
        forceTile(device, product, tile);
        compute();
      }
    });
  }
}

function withTile(chosen: ChosenTiles, { kind, shape }: Product, tile: Tile): ChosenTiles {
  return { ...chosen, [kind]: { ...chosen[kind], [shapeKey(shape)]: tile } };
}

/** Each once, also where layers of different shapes have one in common. */
function triedProducts(device: GPUDevice, { shapes, numImages }: TileTrials): Product[] {
  const tiled = shapes.filter((shape) => tilesOf(device, shape) === "workgroup");
  const products = tiled.slice(0, MAX_SHAPES).flatMap((shape): Product[] => {
    // For the gradients by its inputs, one program, a convolution has its channels the other way around.
    const back = { ...shape, numIn: shape.numOut, numOut: shape.numIn };
    return [
      { kind: "convTiles", shape, numImages },
      { kind: "gradientTiles", shape, numImages },
      { kind: "convTiles", shape: back, numImages },
    ];
  });
  const byKey = new Map(products.map((of) => [`${of.kind} ${shapeKey(of.shape)}`, of]));
  return [...byKey.values()];
}

/** One for each program: what is best on paper is null and one of the others too. */
function candidatesOf(product: Product): Tile[] {
  const byProgram = new Map<string, Tile>();
  for (const tile of candidatesFor(product.kind, product.shape.kernelSize)) {
    const { variant, numInvocations } = tilesWith(product, tile);
    const program = `${variant} ${numInvocations}`;
    if (!byProgram.has(program)) byProgram.set(program, tile);
  }
  return [...byProgram.values()];
}

/** What is computed with a candidate. */
function tilesWith({ kind, shape, numImages }: Product, tile: Tile) {
  const tuning = { ...CARD, [kind]: { [shapeKey(shape)]: tile } };
  const tensor = (...shape: number[]) => ({ dataId: {}, shape, dtype: "float32" }) as const;
  const { kernelSize, width, numIn, numOut } = shape;
  const x0 = tensor(numImages, width, width, numIn);
  if (kind === "convTiles") {
    const kernel = tensor(kernelSize, kernelSize, numIn, numOut);
    return workgroupTiles(convSizes({ x0, kernel }), tuning);
  }
  const dy = tensor(numImages, width, width, numOut);
  return gradientWorkgroupTiles(gradientSizes({ x0, dy, kernelSize }), tuning);
}

function forceRegisters(device: GPUDevice): void {
  forceTuning(device, { ...CARD, tiles: "registers" });
}

function forceTile(device: GPUDevice, { kind, shape }: Product, tile: Tile): void {
  forceTuning(device, { ...CARD, [kind]: { [shapeKey(shape)]: tile } });
}

/** Undefined where no candidate computes the same as register tiles. */
async function fastestTile(backend: WebGPUBackend, product: Product): Promise<Tile | undefined> {
  const { device } = backend;
  engine().startScope();
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  let tile: Tile | undefined;
  let errors: (GPUError | null)[];
  try {
    tile = await fastestOf(backend, product);
  } finally {
    engine().endScope();
    // Those of the next have other sizes.
    poolOf(backend).releaseFree();
    // What fails here, as for lack of memory, is no fault of the run that is about to begin.
    errors = [await device.popErrorScope(), await device.popErrorScope()];
  }
  return errors.some(Boolean) ? null : tile;
}

async function fastestOf(backend: WebGPUBackend, product: Product): Promise<Tile | undefined> {
  const { device } = backend;
  const compute = computation(product);
  forceRegisters(device);
  const expected = compute();
  const right: { tile: Tile; ms: number }[] = [];
  for (const tile of candidatesOf(product)) {
    forceTile(device, product, tile);
    const error = tidy(() => squaredError(compute(), expected));
    const [squared] = await error.data<"float32">();
    if ((squared as number) < MAX_SQUARED_ERROR) right.push({ tile, ms: Number.POSITIVE_INFINITY });
  }
  const [onPaper] = right;
  if (!onPaper) return undefined;
  forceTile(device, product, onPaper.tile);
  const once = await timeOf(backend, compute, 1);
  const numCalls = Math.min(MAX_CALLS, Math.max(1, Math.round(ROUND_MS / once)));
  const startMs = performance.now();
  for (let round = 0; round < NUM_ROUNDS; round++) {
    if (performance.now() - startMs > ENOUGH_MS) break;
    for (const trial of right) {
      forceTile(device, product, trial.tile);
      trial.ms = Math.min(trial.ms, await timeOf(backend, compute, numCalls));
    }
  }
  const fastest = right.reduce((best, trial) => (trial.ms < best.ms ? trial : best));
  return fastest.ms <= CLEARLY_LESS * onPaper.ms ? fastest.tile : onPaper.tile;
}

/** Milliseconds of a call, when nothing else is computed. */
async function timeOf(
  backend: WebGPUBackend,
  compute: () => Tensor,
  numCalls: number,
): Promise<number> {
  await idle(backend);
  const startMs = performance.now();
  for (let i = 0; i < numCalls; i++) compute().dispose();
  await idle(backend);
  return (performance.now() - startMs) / numCalls;
}

/** Then the times of all candidates would be that of waiting. */
async function isIdleNoticedLate(backend: WebGPUBackend): Promise<boolean> {
  await idle(backend);
  const startMs = performance.now();
  await idle(backend);
  return performance.now() - startMs > MAX_IDLE_MS;
}

function idle(backend: WebGPUBackend): Promise<undefined> {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
  return backend.device.queue.onSubmittedWorkDone();
}

/** Of random numbers; belongs to the scope that it is called in. */
function computation({ kind, shape, numImages }: Product): () => Tensor {
  const { kernelSize, width, numIn, numOut } = shape;
  const x = normals([numImages, width, width, numIn]);
  const kernelShape = [kernelSize, kernelSize, numIn, numOut];
  if (kind === "convTiles") {
    const kernel = normals(kernelShape);
    const bias = reshape<Tensor1D["rankType"]>(normals([1, 1, 1, numOut]), [numOut]);
    return () => conv2d(x, kernel, { bias });
  }
  const dy = normals([numImages, width, width, numOut]);
  const specs = [{ shape: kernelShape }, { shape: [numOut] }];
  // The sums of all parts too, which are more work the more parts there are.
  return () =>
    tidy(() => {
      const inputs = { x0: x, dy };
      const parts = engine().runKernel<Tensor[]>("ConvSameKernelGradient", inputs, { kernelSize });
      return joinGradients(specs, parts);
    });
}

function normals(shape: number[]): Tensor4D {
  const [numRows = 1, ...rest] = shape;
  const keys = Array.from({ length: numRows }, (_, index) => {
    return { seed: 0, stream: "noise", index } as const;
  });
  const rowLength = rest.reduce((product, size) => product * size, 1);
  return reshape<Tensor4D["rankType"]>(normalRows(keys, rowLength), shape as Tensor4D["shape"]);
}

/** The code of all candidates: when it has changed, another may be fastest. */
export function candidateCode(): string {
  const codes = ([1, 3] as const).flatMap((kernelSize) => {
    const shape = { kernelSize, width: 28, numIn: 32, numOut: 32 };
    return (["convTiles", "gradientTiles"] as const).flatMap((kind) =>
      candidatesFor(kind, kernelSize).map((tile) =>
        tilesWith({ kind, shape, numImages: 1 }, tile).code(),
      ),
    );
  });
  return codes.join("\n");
}

/** |a - b|^2 / |b|^2 */
function squaredError(a: Tensor, b: Tensor): Tensor {
  return div(sum(square(sub(a, b))), sum(square(b)));
}
