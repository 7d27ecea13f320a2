import { reshape, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { reshaped, sumOf } from "../ops/elementwise.ts";
import { ARCHITECTURES } from "./architectures.ts";
import { timeEmbedding, withLabels } from "./embedding.ts";
import { linearLayer, linearLayersOf } from "./layers.ts";
import type { NeuralNetwork } from "./network.ts";
import { type PerceptronConfig, perceptronBlocks, perceptronInOrder } from "./perceptronBlocks.ts";

/**
 * The perceptron that `perceptronBlocks` describes, ready to run: h = input(x), then for each block
 * h += second(silu(first(silu(h)) + time(silu(e)))), where e is the embedding of the timestep, plus that of the label;
 * the prediction is output(silu(h)).
 */
export function createPerceptron(config: PerceptronConfig): NeuralNetwork {
  const blocks = perceptronBlocks(config);
  const { input, time, residuals, output, label } = blocks;
  return {
    parameters: perceptronInOrder(blocks).flatMap(({ specs }) => specs),
    classes: config.classes,
    shape: ARCHITECTURES.perceptron.shape,
    forward(p, { x, timesteps, labels = null }) {
      const [batch, , numCoordinates] = x.shape;
      const embedded = timeEmbedding(p, time.parameters, timesteps);
      const condition = label
        ? withLabels(p, label.parameters, { time: embedded, rows: labels })
        : embedded;
      const toBlocks = residuals.map(({ parameters }) => parameters.time);
      const times = linearLayersOf(p, toBlocks, condition, "silu");
      let h: Tensor2D = linearLayer(p, input.parameters, reshape(x, [batch, numCoordinates]));
      residuals.forEach(({ parameters: { first, second } }, i) => {
        const timed = sumOf(linearLayer(p, first, h, "silu"), times[i] as Tensor2D);
        h = sumOf(h, linearLayer(p, second, timed, "silu"));
      });
      return reshaped<Tensor4D>(linearLayer(p, output.parameters, h, "silu"), x.shape);
    },
  };
}
