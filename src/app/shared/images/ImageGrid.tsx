import { useElementSize } from "@mantine/hooks";
import {
  type CSSProperties,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
} from "react";
import { GRID_GAP, IMAGE_SIZE } from "../../../engine/config/hyperparameters.ts";
import type { ClassRows } from "../../../engine/config/snapshotSteps.ts";
import {
  type CellShape,
  cellAt,
  cellCorner,
  classesInRow,
  fitGrid,
  type GridLayout,
  gridLayout,
  paintDigits,
} from "./digitGrid.ts";
import { drawOnChange } from "./drawOnChange.ts";
import classes from "./ImageGrid.module.css";

interface ImageGridProps {
  /** Gray images, `[n, 28, 28]`, 0 black to 255 white, cell after cell; a function gives those of now. */
  pixels: Uint8Array | (() => Uint8Array);
  /** Calls back whenever what the function gives may have changed; returns how to stop. */
  subscribe?: (onChange: () => void) => () => void;
  /** Room for so many cells; 1 when left out. */
  count?: number;
  columns?: number;
  /** One image when left out. */
  cell?: CellShape;
  /** Left out within a button that has a name itself. */
  label?: string;
  className?: string | undefined;
  style?: CSSProperties;
  /** The cell with a frame, in a box around the canvas that is positioned; none when left out. */
  marked?: number | undefined;
  onPick?: ((cell: number) => void) | undefined;
  /** The cell under the pointer; null when it has left. */
  onPoint?: (cell: number | null) => void;
}

/**
 * Images in one canvas, one of its pixels for each of theirs; its size is that of the style.
 */
export function ImageGrid(props: ImageGridProps) {
  const { pixels, subscribe, count = 1, columns = 1, cell, label, marked = -1 } = props;
  const { className = "", style, onPick, onPoint } = props;
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const layout = useMemo(() => gridLayout(count, columns, cell), [count, columns, cell]);
  useEffect(() => {
    if (!canvasRef.current) return;
    const paint = imagePainter(canvasRef.current, layout);
    const draw = () => paint(typeof pixels === "function" ? pixels() : pixels);
    return drawOnChange(draw, subscribe);
  }, [layout, pixels, subscribe]);
  const pointed = ({ nativeEvent, currentTarget }: MouseEvent<HTMLCanvasElement>) => {
    const scale = layout.width / currentTarget.clientWidth;
    const index = cellAt(
      { x: scale * nativeEvent.offsetX, y: scale * nativeEvent.offsetY },
      layout,
    );
    return index !== null && index < count ? index : null;
  };
  return (
    <>
      <canvas
        ref={canvasRef}
        {...(label !== undefined && { role: "img", "aria-label": label })}
        className={`${classes.canvas} ${className}`}
        style={style}
        width={layout.width}
        height={layout.height}
        onMouseMove={onPoint && ((event) => onPoint(pointed(event)))}
        onMouseLeave={onPoint && (() => onPoint(null))}
        onClick={
          onPick &&
          ((event) => {
            const index = pointed(event);
            if (index !== null) onPick(index);
          })
        }
      />
      {marked >= 0 && <div className={classes.mark} style={frameOf(marked, layout)} />}
    </>
  );
}

function frameOf(index: number, layout: GridLayout): CSSProperties {
  const { left, top } = cellCorner(index, layout);
  const percent = (part: number, whole: number) => `${(100 * part) / whole}%`;
  return {
    left: percent(left, layout.width),
    top: percent(top, layout.height),
    width: percent(layout.cellWidth, layout.width),
    height: percent(IMAGE_SIZE, layout.height),
  };
}

/** What draws images, `[n, 28, 28]`, into a canvas of the layout's size. */
export function imagePainter(
  canvas: HTMLCanvasElement,
  layout: GridLayout,
): (pixels: Uint8Array) => void {
  const context = canvas.getContext("2d");
  const image = new ImageData(layout.width, layout.height);
  return (pixels) => {
    paintDigits(image.data, pixels, layout);
    context?.putImageData(image, 0, 0);
  };
}

/** For the classes beside their rows, in CSS pixels: of one, or of several. */
const NAMES_WIDTH = { one: 16, several: 36, own: 76 };

/**
 * How large a grid may be within an element, the one that has the `ref`.
 *
 * @param rows with rows by class, whose names stand before it; else null
 * @param options.reservedWidth beside it
 * @param options.columns where the digits have another order, as those of a text; else null
 */
export function useFittedGrid(
  count: number,
  rows: ClassRows | null,
  options: { reservedWidth?: number; columns?: number | null } = {},
) {
  const { reservedWidth = 0, columns = rows?.columns ?? null } = options;
  const { ref, width, height } = useElementSize();
  const names = rows ? NAMES_WIDTH[namesOf(rows)] : 0;
  const grid = useMemo(() => {
    const box = { width: Math.max(0, width - reservedWidth - names), height };
    return fitGrid(count, { ...box, devicePixelRatio: window.devicePixelRatio }, columns);
  }, [count, columns, width, height, reservedWidth, names]);
  const size = { width: grid.width * grid.scale, height: grid.height * grid.scale };
  // The names have their places only then.
  const isMeasured = width > 0;
  return { ref, grid, size: { ...size, marginLeft: names }, isMeasured };
}

function namesOf({ columns, perClass, names }: ClassRows): keyof typeof NAMES_WIDTH {
  if (names) return "own";
  return columns > perClass ? "several" : "one";
}

/** Which classes the rows of a grid show, before it, in a box around it that is positioned. */
export function RowNames({
  count,
  rows,
  scale,
}: {
  count: number;
  rows: ClassRows;
  scale: number;
}) {
  const numRows = Math.ceil(count / rows.columns);
  return (
    <div data-row-names className={classes.rowNames} style={{ gap: GRID_GAP * scale }} aria-hidden>
      {Array.from({ length: numRows }, (_, row) => classesInRow(row, count, rows)).map((name) => (
        <span key={name} className={rows.names && classes.ownName} title={name}>
          {name}
        </span>
      ))}
    </div>
  );
}

/** Images as large as the box around them allows. */
export function FittedImageGrid({
  count,
  rows = null,
  columns = rows?.columns ?? null,
  children,
  ...images
}: Omit<ImageGridProps, "columns" | "cell"> & {
  count: number;
  rows?: ClassRows | null;
  columns?: number | null | undefined;
  /** Over the images. */
  children?: ReactNode;
}) {
  const { ref, grid, size, isMeasured } = useFittedGrid(count, rows, { columns });
  return (
    <div ref={ref} className={classes.box}>
      <div style={{ position: "relative", ...size }}>
        {rows && isMeasured && <RowNames count={count} rows={rows} scale={grid.scale} />}
        <ImageGrid {...images} count={count} columns={grid.columns} />
        {children}
      </div>
    </div>
  );
}
