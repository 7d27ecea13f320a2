import { useId } from "react";
import classes from "./Notes.module.css";

const RADIUS = 120;
/** Where x_t is drawn between x0 and eps, in radians. */
const ANGLE = 0.62;
const [ORIGIN_X, ORIGIN_Y] = [46, 148];
const [COS, SIN] = [Math.cos(ANGLE), Math.sin(ANGLE)];

/** A point of the plane of x0 and eps in the drawing. */
function at(x0: number, eps: number): { x: number; y: number } {
  return { x: ORIGIN_X + RADIUS * x0, y: ORIGIN_Y - RADIUS * eps };
}

const ORIGIN = at(0, 0);
const [CLEAN, NOISE] = [at(1, 0), at(0, 1)];
const XT = at(COS, SIN);
/** v = cos eps - sin x0, drawn at x_t, at half its length. */
const V = at(COS - SIN / 2, SIN + COS / 2);

const LABELS: { text: string; x: number; y: number; anchor?: "middle" | "end" }[] = [
  { text: "x₀", x: CLEAN.x + 20, y: CLEAN.y },
  { text: "ε", x: NOISE.x - 16, y: NOISE.y - 4 },
  { text: "xₜ", x: XT.x + 8, y: XT.y + 2 },
  { text: "v", x: V.x + 6, y: V.y - 4 },
  { text: "φ", x: ORIGIN.x + 36, y: ORIGIN.y - 12 },
  { text: "√ᾱₜ", x: XT.x, y: ORIGIN.y + 15, anchor: "middle" },
  { text: "√(1−ᾱₜ)", x: ORIGIN.x - 6, y: XT.y, anchor: "end" },
];

/** x_t on its quarter circle between x0 and eps, and v along it. */
export default function VelocityAngle() {
  const arrowId = useId();
  const arrow = `url(#${arrowId})`;
  return (
    <svg
      className={classes.angle}
      viewBox="-10 0 260 172"
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
          orient="auto-start-reverse"
        >
          <path d="M0 0L8 4L0 8z" fill="context-stroke" />
        </marker>
      </defs>
      <g fill="none" stroke="var(--reference)">
        <path d={`M${CLEAN.x} ${CLEAN.y}A${RADIUS} ${RADIUS} 0 0 0 ${NOISE.x} ${NOISE.y}`} />
        <path d={`M${ORIGIN.x} ${XT.y}H${XT.x}V${ORIGIN.y}`} strokeDasharray="3 3" />
        <path d={`M${ORIGIN.x + 30} ${ORIGIN.y}a30 30 0 0 0 ${30 * (COS - 1)} ${-30 * SIN}`} />
      </g>
      <g fill="none" markerEnd={arrow}>
        <path
          stroke="var(--mantine-color-dimmed)"
          d={`M${ORIGIN.x} ${NOISE.y - 14}V${ORIGIN.y}H${CLEAN.x + 14}`}
          markerStart={arrow}
        />
        <path
          stroke="var(--run-1)"
          strokeWidth={2}
          d={`M${ORIGIN.x} ${ORIGIN.y}L${XT.x} ${XT.y}`}
        />
        <path stroke="var(--run-2)" strokeWidth={2} d={`M${XT.x} ${XT.y}L${V.x} ${V.y}`} />
      </g>
      {LABELS.map(({ text, x, y, anchor }) => (
        <text key={text} x={x} y={y} textAnchor={anchor}>
          {text}
        </text>
      ))}
    </svg>
  );
}
