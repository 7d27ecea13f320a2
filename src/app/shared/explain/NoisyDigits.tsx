import { Group } from "@mantine/core";
import { useMemo } from "react";
import { correctedConfig } from "../../../engine/config/validate.ts";
import { createSchedule } from "../../../engine/diffusion/schedule.ts";
import { formatCount } from "../../../runtime/format.ts";
import { useAppState } from "../AppContext.ts";
import { ImageGrid } from "../images/ImageGrid.tsx";
import { noisyDigits } from "./noisyDigits.ts";

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
