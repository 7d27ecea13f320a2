/** The blocks of the perceptron for points of the plane, in the order in which they run, but for the embedding of labels. */
import { defineLabelEmbedding, defineLinear, defineTimeEmbedding } from "./layerParameters.ts";
import { collectParameters, type Define, type ParameterSpec, scope } from "./parameters.ts";

export interface PerceptronConfig {
  /** Values of each hidden layer. */
  width: number;
  /** Residual blocks. */
  depth: number;
  /** Labels that it can be asked for; 0 for a network that is asked for nothing. */
  classes: number;
}

/** Sines and cosines of the timestep. */
const TIME_DIM = 32;

/** Coordinates of a point. */
const NUM_COORDINATES = 2;

/**
 * A multilayer perceptron with residual blocks (He et al. 2016), each of which is told the timestep. Names and shapes are those
 * of the PyTorch module that the notebook of a run defines. What is computed with them is in `perceptron.ts`, which needs
 * TensorFlow.js; this does not.
 */
export function perceptronBlocks({ width, depth, classes }: PerceptronConfig) {
  return {
    input: block("inp", (define) => defineLinear(define, NUM_COORDINATES, width)),
    time: block("time_mlp", (define) => defineTimeEmbedding(define, TIME_DIM, width)),
    residuals: Array.from({ length: depth }, (_, i) =>
      block(`blocks.${i}`, (define) => ({
        first: defineLinear(scope(define, "fc1"), width, width),
        time: defineLinear(scope(define, "time"), width, width),
        second: defineLinear(scope(define, "fc2"), width, width),
      })),
    ),
    output: block("out", (define) => defineLinear(define, width, NUM_COORDINATES)),
    /** Last, so that all other parameters are those of a network without classes. */
    label:
      classes > 0
        ? block("label_emb", (define) => defineLabelEmbedding(define, classes, width))
        : null,
  };
}

/** All blocks, in the order of their parameters in the network's vector. */
export function perceptronInOrder(blocks: ReturnType<typeof perceptronBlocks>) {
  return Object.values(blocks).flatMap((part): PerceptronBlock<unknown>[] =>
    Array.isArray(part) ? part : part ? [part] : [],
  );
}

/** A module of the network: its name, which the names of its parameters begin with, and these. */
interface PerceptronBlock<P> {
  name: string;
  specs: readonly ParameterSpec[];
  parameters: P;
}

function block<P>(name: string, defineParameters: (define: Define) => P): PerceptronBlock<P> {
  const specs: ParameterSpec[] = [];
  const parameters = defineParameters(scope(collectParameters(specs), name));
  return { name, specs, parameters };
}
