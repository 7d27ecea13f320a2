import { useEffect, useRef } from "react";
import { usePaintedScheme } from "../../shared/images/usePaintedScheme.ts";

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
  const scheme = usePaintedScheme();
  const scale = window.devicePixelRatio;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the color follows the scheme.
  useEffect(() => {
    const context = ref.current?.getContext("2d");
    if (!context) return;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    context.fillStyle = getComputedStyle(context.canvas).color;
    paint(context);
  }, [width, height, paint, scale, scheme]);
  return (
    <canvas
      ref={ref}
      role="img"
      aria-label={label}
      width={Math.round(width * scale)}
      height={Math.round(height * scale)}
    />
  );
}
