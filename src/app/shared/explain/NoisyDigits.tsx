import { Group } from "@mantine/core";
import { useMemo } from "react";
import { IMAGE_SIZE, NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import { correctedConfig } from "../../../engine/config/validate.ts";
import { noisedImage, toPixels } from "../../../engine/diffusion/noising.ts";
import type { Schedule } from "../../../engine/diffusion/schedule.ts";
import { createSchedule } from "../../../engine/diffusion/schedule.ts";
import { randomNormals } from "../../../engine/random.ts";
import { formatCount } from "../../../runtime/format.ts";
import { useAppState } from "../AppContext.ts";
import { ImageGrid } from "../images/ImageGrid.tsx";

/** The first test image of MNIST (LeCun et al.), in 16 shades: a digit before any is loaded or drawn. */
const ROWS = `
......5b9942................
......dffffecccccccca3......
......4747adfdffffdff8......
...........14144431ef6......
..................5fc1......
.................1ef5.......
.................8fe3.......
................3ff4........
................8fb.........
...............1cf3.........
...............7fb..........
..............4fe3..........
.............1dfa...........
.............cfd2...........
............2ff5............
...........2df7.............
...........8ff3.............
..........4eff3.............
..........7ffd2.............
..........7fc1..............`
  .trim()
  .split("\n");

const TOP = 7;

/** `[28, 28]` in [-1, 1], as the network sees images. */
export const EXAMPLE_DIGIT = new Float32Array(NUM_PIXELS).map((_, i) => {
  const shade = ROWS[Math.floor(i / IMAGE_SIZE) - TOP]?.[i % IMAGE_SIZE] ?? ".";
  return shade === "." ? -1 : (2 * Number.parseInt(shade, 16)) / 15 - 1;
});

/** Parts of the way from the digit to noise. */
const PARTS = [0, 0.25, 0.5, 0.75, 1];

/** The example digit at several t, mixed with the same noise: gray values, `[timesteps.length, 28, 28]`. */
export function noisyDigits(schedule: Schedule) {
  const timesteps = PARTS.map((part) => Math.round(part * (schedule.numTimesteps - 1)));
  const eps = randomNormals({ seed: 0, stream: "noise", index: 0 }, NUM_PIXELS);
  const noised = timesteps.map((t) => [...noisedImage(schedule, { x0: EXAMPLE_DIGIT, eps, t })]);
  return { timesteps, pixels: toPixels(noised.flat()) };
}

/** A digit at several t of the chosen schedule. */
export default function NoisyDigits() {
  const config = useAppState((state) => state.config);
  const digits = useMemo(() => noisyDigits(createSchedule(correctedConfig(config))), [config]);
  return (
    <figure>
      <ImageGrid
        pixels={digits.pixels}
        count={digits.timesteps.length}
        columns={digits.timesteps.length}
        label={`A seven that drowns in noise, at t = ${digits.timesteps.join(", ")}`}
      />
      <Group component="figcaption" grow gap={0} mt={3} fz={11} c="dimmed" ta="center" aria-hidden>
        {digits.timesteps.map((t) => (
          <span key={t}>t = {formatCount(t)}</span>
        ))}
      </Group>
    </figure>
  );
}
