import { inBlocks } from "./conv.ts";
import type { Matrix, Products } from "./matrix.ts";

/** Of one head of one image: queries `[N, d]`, keys and values `[M + N, d]`; or their gradients. */
export interface Head {
  queries: Matrix;
  keys: Matrix;
  values: Matrix;
}

interface HeadSizes {
  numPositions: number;
  /** Positions and the memory's entries. */
  numKeys: number;
  dimHead: number;
}

/** Computes the output of a head, `[N, d]`, and its gradients; each allocates memory once for all heads. */
export interface AttentionRule {
  forward(products: Products, sizes: HeadSizes): ForwardRule;
  gradient(products: Products, sizes: HeadSizes): GradientRule;
}

type ForwardRule = (head: Head, result: Matrix) => void;
/** The gradients of keys and values must be zero before. */
type GradientRule = (head: Head, dResult: Matrix, gradient: Head) => void;

/** softmax(q k^T / sqrt(d)) v. */
export const FULL: AttentionRule = {
  forward(products, sizes) {
    const weights = scoresOf(products, sizes);
    return ({ queries, keys, values }, result) => {
      products.multiply(queries, keys, weights, { transposeB: true });
      products.softmaxRows(weights, weights, sizes.dimHead ** -0.5);
      products.multiply(weights, values, result);
    };
  },

  gradient(products, sizes) {
    const weights = scoresOf(products, sizes);
    const dWeights = scoresOf(products, sizes);
    const scale = sizes.dimHead ** -0.5;
    return ({ queries, keys, values }, dResult, gradient) => {
      products.multiply(queries, keys, weights, { transposeB: true });
      products.softmaxRows(weights, weights, scale);
      products.addTransposedProduct(weights, dResult, gradient.values);
      products.multiply(dResult, values, dWeights, { transposeB: true });
      products.softmaxRowsGradient(weights, dWeights, dWeights, scale);
      products.multiply(dWeights, keys, gradient.queries);
      products.addTransposedProduct(dWeights, queries, gradient.keys);
    };
  },
};

/** softmax_d(q) (softmax_n(k)^T v) / sqrt(d). */
export const LINEAR: AttentionRule = {
  forward(products, sizes) {
    const soft = linearScratch(products, sizes);
    return ({ queries, keys, values }, result) => {
      products.softmaxColumns(keys, soft.keys);
      products.scaledContext(soft.keys, values, soft.context);
      products.softmaxRows(queries, soft.queries, 1);
      products.multiply(soft.queries, soft.context, result);
    };
  },

  gradient(products, sizes) {
    const soft = linearScratch(products, sizes);
    const dSoft = linearScratch(products, sizes);
    return ({ queries, keys, values }, dResult, gradient) => {
      products.softmaxColumns(keys, soft.keys);
      products.scaledContext(soft.keys, values, soft.context);
      products.softmaxRows(queries, soft.queries, 1);
      products.multiply(dResult, soft.context, dSoft.queries, { transposeB: true });
      products.softmaxRowsGradient(soft.queries, dSoft.queries, gradient.queries, 1);
      products.scaledContext(soft.queries, dResult, dSoft.context);
      products.multiply(values, dSoft.context, dSoft.keys, { transposeB: true });
      products.softmaxColumnsGradient(soft.keys, dSoft.keys, gradient.keys);
      products.multiply(soft.keys, dSoft.context, gradient.values);
    };
  },
};

/** `[N, M + N]`, with room for what a product reads behind a row. */
function scoresOf(products: Products, { numPositions, numKeys }: HeadSizes): Matrix {
  return { ...products.scratch(numPositions, inBlocks(numKeys)), numColumns: numKeys };
}

function linearScratch(products: Products, { numPositions, numKeys, dimHead }: HeadSizes) {
  return {
    queries: products.scratch(numPositions, dimHead),
    keys: products.scratch(numKeys, dimHead),
    context: products.scratch(dimHead, dimHead),
  };
}
