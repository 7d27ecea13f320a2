import { inBlocks } from "./conv.ts";
import type { Matrix, Products } from "./matrix.ts";

/** Of one head of one image: queries `[N, d]`, keys and values `[M + N, d]`; or their gradients. */
export interface Head {
  queries: Matrix;
  keys: Matrix;
  values: Matrix;
}

/** Computes the output of a head, `[N, d]`, and its gradients. */
export interface AttentionRule {
  forward(products: Products, head: Head, result: Matrix): void;
  /** The gradients of keys and values must be zero before. */
  gradient(products: Products, head: Head, dResult: Matrix, gradient: Head): void;
}

/** softmax(q k^T / sqrt(d)) v. */
export const FULL: AttentionRule = {
  forward(products, head, result) {
    products.multiply(fullWeights(products, head), head.values, result);
  },

  gradient(products, head, dResult, gradient) {
    const { queries, keys, values } = head;
    const weights = fullWeights(products, head);
    const dWeights = scores("dWeights", products, head);
    products.addTransposedProduct(weights, dResult, gradient.values);
    products.multiply(dResult, values, dWeights, { transposeB: true });
    products.softmaxRowsGradient(weights, dWeights, dWeights, queries.numColumns ** -0.5);
    products.multiply(dWeights, keys, gradient.queries);
    products.addTransposedProduct(dWeights, queries, gradient.keys);
  },
};

function fullWeights(products: Products, head: Head): Matrix {
  const { queries, keys } = head;
  const weights = scores("weights", products, head);
  products.multiply(queries, keys, weights, { transposeB: true });
  products.softmaxRows(weights, weights, queries.numColumns ** -0.5);
  return weights;
}

/** `[N, M + N]`, with room for what a product reads behind a row. */
function scores(name: string, products: Products, { queries, keys }: Head): Matrix {
  const matrix = products.scratch(name, queries.numRows, inBlocks(keys.numRows));
  return { ...matrix, numColumns: keys.numRows };
}

/** softmax_d(q) (softmax_n(k)^T v) / sqrt(d). */
export const LINEAR: AttentionRule = {
  forward(products, head, result) {
    const soft = softened(products, head);
    products.multiply(soft.queries, soft.context, result);
  },

  gradient(products, head, dResult, gradient) {
    const soft = softened(products, head);
    const dSoft = linearScratch("gradient", products, head);
    products.multiply(dResult, soft.context, dSoft.queries, { transposeB: true });
    products.softmaxRowsGradient(soft.queries, dSoft.queries, gradient.queries, 1);
    products.scaledContext(soft.queries, dResult, dSoft.context);
    products.multiply(head.values, dSoft.context, dSoft.keys, { transposeB: true });
    products.softmaxColumnsGradient(soft.keys, dSoft.keys, gradient.keys);
    products.multiply(soft.keys, dSoft.context, gradient.values);
  },
};

/** The softmaxes of queries and keys, and the context of keys and values. */
function softened(products: Products, head: Head) {
  const soft = linearScratch("value", products, head);
  products.softmaxColumns(head.keys, soft.keys);
  products.scaledContext(soft.keys, head.values, soft.context);
  products.softmaxRows(head.queries, soft.queries, 1);
  return soft;
}

function linearScratch(name: string, products: Products, { queries, keys }: Head) {
  const d = queries.numColumns;
  return {
    queries: products.scratch(`${name} of queries`, queries.numRows, d),
    keys: products.scratch(`${name} of keys`, keys.numRows, d),
    context: products.scratch(`${name} of context`, d, d),
  };
}
