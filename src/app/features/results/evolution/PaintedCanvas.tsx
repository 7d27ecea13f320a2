import { useEffect, useRef } from "react";
import { drawOnChange } from "../../../shared/images/drawOnChange.ts";

interface PaintedCanvasProps {
  label: string;
  /** In CSS pixels, the units of the context. */
  width: number;
  height: number;
  /** Paints on an empty canvas in the color of its style; changes only when all must be painted anew. */
  paint: (context: CanvasRenderingContext2D) => void;
}

/** A picture in the pixels of the screen, painted anew when the page's colors change. */
export function PaintedCanvas({ label, width, height, paint }: PaintedCanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const scale = window.devicePixelRatio;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scale clears the canvas.
  useEffect(() => {
    const context = ref.current?.getContext("2d");
    if (!context) return;
    const draw = () => {
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      context.fillStyle = getComputedStyle(context.canvas).color;
      paint(context);
    };
    return drawOnChange(draw, subscribeToScheme);
  }, [width, height, paint, scale]);
  return (
    <canvas
      ref={ref}
      role="img"
      aria-label={label}
      style={{ width, height }}
      width={Math.round(width * scale)}
      height={Math.round(height * scale)}
    />
  );
}

/** Mantine's hooks may report a change of the system's scheme before the page's colors have changed. */
function subscribeToScheme(onChange: () => void): () => void {
  const observer = new MutationObserver(onChange);
  const attributeFilter = ["data-mantine-color-scheme"];
  observer.observe(document.documentElement, { attributeFilter });
  return () => observer.disconnect();
}
