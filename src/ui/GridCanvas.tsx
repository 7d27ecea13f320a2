import { useElementSize } from "@mantine/hooks";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { fitGrid, type GridLayout, paintDigits } from "./digitGrid.ts";
import classes from "./GridCanvas.module.css";

interface GridCanvasProps {
  count: number;
  label: string;
  /** What to draw now, `[count, 28, 28]`. */
  pixels: () => Uint8Array;
  /** Calls back whenever that may have changed; returns how to stop. */
  subscribe: (onChange: () => void) => () => void;
  onPick?: ((digit: number) => void) | undefined;
  /** What lies over the digits. */
  overlay?: (grid: GridLayout & { scale: number }) => ReactNode;
}

/**
 * Digits in one canvas, one of its pixels for each of theirs, as large as the box around it allows. It
 * draws by itself, at most once a frame of the screen: they come too often to render React for each.
 */
export function GridCanvas({ count, label, pixels, subscribe, onPick, overlay }: GridCanvasProps) {
  const { ref: boxRef, width, height } = useElementSize();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const grid = useMemo(
    () => fitGrid(count, { width, height, devicePixelRatio: window.devicePixelRatio }),
    [count, width, height],
  );

  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(grid.width, grid.height);
    let frameRequest: number | null = null;
    const draw = () => {
      frameRequest = null;
      paintDigits(image.data, pixels(), grid);
      context.putImageData(image, 0, 0);
    };
    draw();
    const unsubscribe = subscribe(() => {
      frameRequest ??= requestAnimationFrame(draw);
    });
    return () => {
      unsubscribe();
      if (frameRequest !== null) cancelAnimationFrame(frameRequest);
    };
  }, [grid, pixels, subscribe]);

  const size = { width: grid.width * grid.scale, height: grid.height * grid.scale };
  return (
    <div ref={boxRef} className={classes.box}>
      <div className={classes.grid} style={size}>
        <canvas
          ref={canvasRef}
          role="img"
          aria-label={label}
          width={grid.width}
          height={grid.height}
          style={size}
          onClick={
            onPick &&
            (({ nativeEvent }) => {
              const digit = digitAt(nativeEvent, grid);
              if (digit < count) onPick(digit);
            })
          }
        />
        {overlay?.(grid)}
      </div>
    </div>
  );
}

function digitAt(
  { offsetX, offsetY }: { offsetX: number; offsetY: number },
  { columns, width, scale }: GridLayout & { scale: number },
): number {
  const pitch = (width * scale) / columns;
  const column = Math.min(columns - 1, Math.floor(offsetX / pitch));
  return Math.floor(offsetY / pitch) * columns + column;
}
