import { useMemo } from "react";
import { createSchedule } from "../../../engine/diffusion/schedule.ts";
import { formatCount } from "../../../runtime/format.ts";
import { useAppState } from "../AppContext.ts";
import { ImageGrid } from "../images/ImageGrid.tsx";
import classes from "./Notes.module.css";
import { noisyDigits } from "./noisyDigits.ts";
import { scheduleCurves } from "./scheduleCurves.ts";

/** A digit at several t of the chosen schedule. */
export function NoisyDigits() {
  const config = useAppState((state) => state.config);
  const digits = useMemo(
    () => (scheduleCurves(config).length > 0 ? noisyDigits(createSchedule(config)) : null),
    [config],
  );
  if (!digits) return null;
  return (
    <figure>
      <ImageGrid
        pixels={digits.pixels}
        count={digits.timesteps.length}
        columns={digits.timesteps.length}
        label={`A seven that drowns in noise, at t = ${digits.timesteps.join(", ")}`}
      />
      <figcaption className={classes.timesteps} aria-hidden="true">
        {digits.timesteps.map((t) => (
          <span key={t}>t = {formatCount(t)}</span>
        ))}
      </figcaption>
    </figure>
  );
}
