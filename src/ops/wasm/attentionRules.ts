import { inBlocks } from "./conv.ts";
import { floats, type KernelCall } from "./kernelCall.ts";
import { type Matrix, matrixAt, type Products } from "./matrix.ts";

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

/** How a head makes its output `[N, d]`, and the way back; each takes its memory once for all heads. */
export interface AttentionRule {
  forward(call: KernelCall, products: Products, sizes: HeadSizes): ForwardRule;
  gradient(call: KernelCall, products: Products, sizes: HeadSizes): GradientRule;
}

type ForwardRule = (head: Head, result: Matrix) => void;
/** The gradients of keys and values are zero before. */
type GradientRule = (head: Head, dResult: Matrix, gradient: Head) => void;

/** softmax(q k^T / sqrt(d)) v. */
export const FULL: AttentionRule = {
  forward(call, products, sizes) {
    const weights = scoresOf(call, sizes);
    return ({ queries, keys, values }, result) => {
      products.multiply(queries, keys, weights, { transposeB: true });
      softmaxOfRows(call, weights, weights, sizes.dimHead ** -0.5);
      products.multiply(weights, values, result);
    };
  },

  gradient(call, products, sizes) {
    const weights = scoresOf(call, sizes);
    const dWeights = scoresOf(call, sizes);
    const scale = sizes.dimHead ** -0.5;
    return ({ queries, keys, values }, dResult, gradient) => {
      products.multiply(queries, keys, weights, { transposeB: true });
      softmaxOfRows(call, weights, weights, scale);
      products.addTransposedProduct(weights, dResult, gradient.values);
      products.multiply(dResult, values, dWeights, { transposeB: true });
      rowsGradient(call, weights, dWeights, dWeights, scale);
      products.multiply(dWeights, keys, gradient.queries);
      products.addTransposedProduct(dWeights, queries, gradient.keys);
    };
  },
};

/** softmax_d(q) (softmax_n(k)^T v) / sqrt(d). */
export const LINEAR: AttentionRule = {
  forward(call, products, sizes) {
    const { queries: softQueries, keys: softKeys, context } = linearScratch(call, sizes);
    return ({ queries, keys, values }, result) => {
      softmaxOfColumns(call, keys, softKeys);
      scaledContext(call, products, softKeys, values, context);
      softmaxOfRows(call, queries, softQueries, 1);
      products.multiply(softQueries, context, result);
    };
  },

  gradient(call, products, sizes) {
    const { queries: softQueries, keys: softKeys, context } = linearScratch(call, sizes);
    const { queries: dQueries, keys: dKeys, context: dContext } = linearScratch(call, sizes);
    return ({ queries, keys, values }, dResult, gradient) => {
      softmaxOfColumns(call, keys, softKeys);
      scaledContext(call, products, softKeys, values, context);
      softmaxOfRows(call, queries, softQueries, 1);
      products.multiply(dResult, context, dQueries, { transposeB: true });
      rowsGradient(call, softQueries, dQueries, gradient.queries, 1);
      scaledContext(call, products, softQueries, dResult, dContext);
      products.multiply(values, dContext, dKeys, { transposeB: true });
      columnsGradient(call, softKeys, dKeys, gradient.keys);
      products.multiply(softKeys, dContext, gradient.values);
    };
  },
};

/** `[N, M + N]`, with room for what a product reads behind a row. */
function scoresOf(call: KernelCall, { numPositions, numKeys }: HeadSizes): Matrix {
  const address = call.scratch(numPositions * inBlocks(numKeys));
  const stride = floats(inBlocks(numKeys));
  return { address, numRows: numPositions, numColumns: numKeys, stride };
}

function linearScratch(call: KernelCall, { numPositions, numKeys, dimHead }: HeadSizes) {
  const matrix = (numRows: number) => matrixAt(call.scratch(numRows * dimHead), numRows, dimHead);
  return { queries: matrix(numPositions), keys: matrix(numKeys), context: matrix(dimHead) };
}

/** context = a^T b / sqrt(d), `[d, d]`. */
function scaledContext(
  call: KernelCall,
  products: Products,
  a: Matrix,
  b: Matrix,
  context: Matrix,
): void {
  const { address, numRows, numColumns } = context;
  call.module.fillZeros(address, numRows * numColumns);
  products.addTransposedProduct(a, b, context);
  call.module.scaleFloats(address, numRows * numColumns, numColumns ** -0.5);
}

function softmaxOfRows(call: KernelCall, x: Matrix, y: Matrix, scale: number): void {
  const { numRows, numColumns } = x;
  call.module.softmaxRows(x.address, y.address, numRows, numColumns, x.stride, y.stride, scale);
}

function rowsGradient(call: KernelCall, y: Matrix, dy: Matrix, dx: Matrix, scale: number): void {
  call.module.softmaxRowsGradient(
    ...([y.address, dy.address, dx.address, y.numRows, y.numColumns] as const),
    ...([y.stride, dy.stride, dx.stride, scale] as const),
  );
}

function softmaxOfColumns(call: KernelCall, x: Matrix, y: Matrix): void {
  const { numRows, numColumns } = x;
  call.module.softmaxColumns(x.address, y.address, numRows, numColumns, x.stride, y.stride);
}

function columnsGradient(call: KernelCall, y: Matrix, dy: Matrix, dx: Matrix): void {
  call.module.softmaxColumnsGradient(
    ...([y.address, dy.address, dx.address, y.numRows, y.numColumns] as const),
    ...([y.stride, dy.stride, dx.stride] as const),
  );
}
