import { useEffect, useMemo, useRef } from "react";
import { useAppState } from "../AppContext.ts";
import { gridLayout, paintDigits } from "../digitGrid.ts";
import { formatCount } from "../format.ts";
import classes from "./Notes.module.css";
import { noisyDigits } from "./noisyDigits.ts";
import { alphaBarsOf, scheduleCurves } from "./scheduleCurves.ts";

/** A digit at several t of the chosen schedule. */
export function NoisyDigits() {
  const config = useAppState((state) => state.config);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const digits = useMemo(
    () =>
      scheduleCurves(config).length > 0
        ? noisyDigits(alphaBarsOf(config, config.betaSchedule))
        : null,
    [config],
  );
  const numDigits = digits?.timesteps.length ?? 0;
  const grid = gridLayout(numDigits, numDigits);

  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context || !digits) return;
    const image = context.createImageData(grid.width, grid.height);
    paintDigits(image.data, digits.pixels, grid);
    context.putImageData(image, 0, 0);
  }, [digits, grid]);

  if (!digits) return null;
  return (
    <figure className={classes.figure}>
      <canvas
        ref={canvasRef}
        role="img"
        aria-label={`A seven that drowns in noise, at t = ${digits.timesteps.join(", ")}`}
        className={classes.digits}
        width={grid.width}
        height={grid.height}
      />
      <figcaption className={classes.timesteps} aria-hidden="true">
        {digits.timesteps.map((t) => (
          <span key={t}>t = {formatCount(t)}</span>
        ))}
      </figcaption>
    </figure>
  );
}
