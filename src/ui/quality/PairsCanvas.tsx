import { useElementSize } from "@mantine/hooks";
import { type MouseEvent, useEffect, useMemo, useRef } from "react";
import { IMAGE_SIZE, NUM_PIXELS } from "../../config/hyperparameters.ts";
import classes from "./Nearest.module.css";
import { PAIR_WIDTH, paintPairs, pairAt, pairCorner, pairGrid } from "./pairGrid.ts";

interface PairsCanvasProps {
  /** `[count, 2, 28, 28]`, 0 to 255. */
  pixels: Uint8Array;
  /** Has a frame. */
  picked: number;
  label: string;
  /** The pair under the pointer; null when it has left. */
  onPoint: (index: number | null) => void;
  onPick: (index: number) => void;
}

/** Pairs in one canvas, one of its pixels for each of theirs: as elements they would be too many. */
export function PairsCanvas({ pixels, picked, label, onPoint, onPick }: PairsCanvasProps) {
  const { ref: boxRef, width } = useElementSize();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const count = pixels.length / (2 * NUM_PIXELS);
  const grid = useMemo(() => pairGrid(count, width), [count, width]);
  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(grid.width, grid.height);
    paintPairs(image.data, pixels, grid);
    context.putImageData(image, 0, 0);
  }, [pixels, grid]);
  const indexAt = ({ nativeEvent, currentTarget }: MouseEvent<HTMLCanvasElement>) => {
    const scale = grid.width / currentTarget.clientWidth;
    const { offsetX, offsetY } = nativeEvent;
    return pairAt({ x: scale * offsetX, y: scale * offsetY }, grid, count);
  };
  const corner = pairCorner(picked, grid);
  const percent = (part: number, whole: number) => `${(100 * part) / whole}%`;
  return (
    <div ref={boxRef} className={classes.pairs}>
      <canvas
        ref={canvasRef}
        role="img"
        aria-label={label}
        width={grid.width}
        height={grid.height}
        onMouseMove={(event) => onPoint(indexAt(event))}
        onMouseLeave={() => onPoint(null)}
        onClick={(event) => {
          const index = indexAt(event);
          if (index !== null) onPick(index);
        }}
      />
      <div
        className={classes.mark}
        style={{
          left: percent(corner.left, grid.width),
          top: percent(corner.top, grid.height),
          width: percent(PAIR_WIDTH, grid.width),
          height: percent(IMAGE_SIZE, grid.height),
        }}
      />
    </div>
  );
}
