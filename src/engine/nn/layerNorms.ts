/** Norms by block, as runs record them, and by layer, as charts and files show them. It needs no TensorFlow.js. */
import type { NetworkConfig } from "./networkBlocks.ts";
import { networkBlocks } from "./networkBlocks.ts";
import { totalElements } from "./parameters.ts";

/** Where norms are in the report of a step that has them. */
export interface NormLists {
  /** Norm of the gradient before clipping, block by block in the order of `networkBlocks`. */
  blockGradNorms?: number[];
  /** Norm of the weights after the step, block by block. */
  blockWeightNorms?: number[];
  /** Runs from before there were norms by block have them layer by layer, in the order of `layersOf`. */
  layerGradNorms?: number[];
  layerWeightNorms?: number[];
}

/** Whether a norm is that of the gradient or of the weights. */
export type NormKind = "Grad" | "Weight";

/** The Euclidean norm of each block's part of a vector of all parameters, `[P]`, summed in float64. */
export function blockNorms(vector: ArrayLike<number>, config: NetworkConfig): number[] {
  let end = 0;
  return networkBlocks(config).map(({ specs }) => {
    let sum = 0;
    const start = end;
    end += totalElements(specs);
    for (let i = start; i < end; i++) sum += (vector[i] as number) ** 2;
    return Math.sqrt(sum);
  });
}

/**
 * The layers: `init_conv`, `downs.0`, `mid`, each with all blocks of its name, in the order in which they run, the
 * labels' embedding last.
 */
export function layersOf(config: NetworkConfig) {
  const layerOfBlock = networkBlocks(config).map(
    ({ name }) => /^(?:mid|(?:downs|ups|blocks)\.\d+|[^.]+)/.exec(name)?.[0] ?? name,
  );
  const names = [...new Set(layerOfBlock)];
  return {
    names,
    /** The norms of a report, layer by layer; left out where it has none. */
    normsOf(report: NormLists, kind: NormKind): number[] | undefined {
      const ofBlocks = report[`block${kind}Norms`];
      const sizeIn = (name: string) => (layer: string, block: number) =>
        layer === name ? (ofBlocks?.[block] ?? Number.NaN) : 0;
      return ofBlocks
        ? names.map((name) => Math.hypot(...layerOfBlock.map(sizeIn(name))))
        : report[`layer${kind}Norms`];
    },
  };
}
