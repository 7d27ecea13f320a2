import { useId } from "react";
import classes from "./Notes.module.css";

const RADIUS = 120;
/** Where x_t is drawn on its way. */
const ANGLE = 0.62;
const [ORIGIN_X, ORIGIN_Y] = [46, 148];
const [COS, SIN] = [Math.cos(ANGLE), Math.sin(ANGLE)];

/** A point of the plane of x0 and eps in the drawing. */
function at(x0: number, eps: number): { x: number; y: number } {
  return { x: ORIGIN_X + RADIUS * x0, y: ORIGIN_Y - RADIUS * eps };
}

/** x_t on its quarter circle between x0 and eps, and v along it. */
export function VelocityAngle() {
  const arrowId = useId();
  const origin = at(0, 0);
  const xt = at(COS, SIN);
  // v = cos eps - sin x0, drawn at x_t, at half its length.
  const v = at(COS - SIN / 2, SIN + COS / 2);
  const [clean, noise] = [at(1, 0), at(0, 1)];
  const arrow = `url(#${arrowId})`;
  return (
    <svg
      className={classes.angle}
      viewBox="0 0 250 172"
      role="img"
      aria-label="A quarter circle from x₀ to ε; xₜ lies on it at the angle φ with cos φ = √ᾱₜ, and v points along it towards ε"
    >
      <defs>
        <marker
          id={arrowId}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path d="M0 0L8 4L0 8z" fill="context-stroke" />
        </marker>
      </defs>
      <path
        className={classes.faint}
        d={`M${clean.x} ${clean.y}A${RADIUS} ${RADIUS} 0 0 0 ${noise.x} ${noise.y}`}
      />
      <path
        className={classes.faint}
        d={`M${xt.x} ${xt.y}V${origin.y}M${xt.x} ${xt.y}H${origin.x}`}
        strokeDasharray="3 3"
      />
      <path
        className={classes.axis}
        d={`M${origin.x} ${origin.y}H${clean.x + 14}`}
        markerEnd={arrow}
      />
      <path
        className={classes.axis}
        d={`M${origin.x} ${origin.y}V${noise.y - 14}`}
        markerEnd={arrow}
      />
      <path
        className={classes.image}
        d={`M${origin.x} ${origin.y}L${xt.x} ${xt.y}`}
        markerEnd={arrow}
      />
      <path className={classes.velocity} d={`M${xt.x} ${xt.y}L${v.x} ${v.y}`} markerEnd={arrow} />
      <path
        className={classes.faint}
        d={`M${origin.x + 30} ${origin.y}A30 30 0 0 0 ${origin.x + 30 * COS} ${origin.y - 30 * SIN}`}
      />
      <text x={clean.x + 20} y={clean.y}>
        x₀
      </text>
      <text x={noise.x - 16} y={noise.y - 4}>
        ε
      </text>
      <text x={xt.x + 8} y={xt.y + 2}>
        xₜ
      </text>
      <text x={v.x + 6} y={v.y - 4}>
        v
      </text>
      <text x={origin.x + 36} y={origin.y - 12}>
        φ
      </text>
      <text x={xt.x} y={origin.y + 15} textAnchor="middle">
        √ᾱₜ
      </text>
      <text x={origin.x - 6} y={xt.y} textAnchor="end">
        √(1−ᾱₜ)
      </text>
    </svg>
  );
}
