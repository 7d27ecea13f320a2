import { useElementSize } from "@mantine/hooks";
import { type KeyboardEvent, useCallback, useId, useMemo, useRef } from "react";
import { fitGrid, GAP, type GridLayout, paintDigits } from "../digitGrid.ts";
import { AxisSlider } from "./AxisSlider.tsx";
import classes from "./DigitStage.module.css";
import { useDrawing, useScrubber, useShown } from "./ScrubberContext.ts";
import { type Shown, shownPixels } from "./scrubber.ts";
import { useWords } from "./useWords.ts";

/** For the slider beside the digits, with its gap. */
const SLIDER_WIDTH = 84;

/** The digits of the shown snapshot and denoising step, as large as there is room. */
export function DigitStage() {
  const { ref, width, height } = useElementSize();
  const count = useShown((shown) => shown?.snapshot.count ?? 1);
  const grid = useMemo(
    () =>
      fitGrid(count, {
        ...{ width: Math.max(0, width - SLIDER_WIDTH), height },
        devicePixelRatio: window.devicePixelRatio,
      }),
    [count, width, height],
  );
  return (
    <div ref={ref} className={classes.stageBox}>
      <div className={classes.stage}>
        <div
          className={classes.digits}
          style={{ width: grid.width * grid.scale, height: grid.height * grid.scale }}
        >
          <DigitsCanvas grid={grid} />
          <DigitChoice count={count} grid={grid} />
        </div>
        <DenoisingSlider height={grid.height * grid.scale} />
      </div>
    </div>
  );
}

function DigitsCanvas({ grid }: { grid: GridLayout }) {
  const { training, denoising } = useWords();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const image = useMemo(() => new ImageData(grid.width, grid.height), [grid]);
  const draw = useCallback(
    (shown: Shown) => {
      const pixels = shownPixels(shown);
      // A batch of another size, for which the grid is yet to be laid out.
      if (4 * pixels.length > image.data.length) return;
      paintDigits(image.data, pixels, grid);
      canvasRef.current?.getContext("2d")?.putImageData(image, 0, 0);
    },
    [grid, image],
  );
  useDrawing(draw);
  return (
    <canvas
      ref={canvasRef}
      role="img"
      aria-label={`Digits ${training}; ${denoising}`}
      width={grid.width}
      height={grid.height}
    />
  );
}

/** One radio button over each digit: whose plane is drawn. */
function DigitChoice({ count, grid }: { count: number; grid: ReturnType<typeof fitGrid> }) {
  const scrubber = useScrubber();
  const chosen = useShown((shown) => shown?.digit ?? 0);
  const name = useId();
  const { columns } = grid;
  const onKeyDown = (event: KeyboardEvent<HTMLFieldSetElement>) => {
    const by = { ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = chosen + by;
    if (next < 0 || next >= count) return;
    scrubber.choose(next);
    event.currentTarget.querySelectorAll("input")[next]?.focus();
  };
  return (
    <fieldset
      className={classes.choice}
      aria-label="Sample whose whole evolution is drawn"
      style={{ gridTemplateColumns: `repeat(${columns}, 1fr)`, gap: GAP * grid.scale }}
      onKeyDown={onKeyDown}
    >
      {Array.from({ length: count }, (_, digit) => (
        <input
          // biome-ignore lint/suspicious/noArrayIndexKey: a digit is its place.
          key={digit}
          type="radio"
          name={name}
          aria-label={`Sample ${digit + 1}`}
          title={`Sample ${digit + 1}: show its whole evolution`}
          checked={digit === chosen}
          onChange={() => scrubber.choose(digit)}
        />
      ))}
    </fieldset>
  );
}

function DenoisingSlider({ height }: { height: number }) {
  const scrubber = useScrubber();
  const axis = useShown((shown) => shown?.axis ?? 1);
  const frame = useShown((shown) => shown?.frame ?? 0);
  const { denoising } = useWords();
  return (
    <div className={classes.denoising} style={{ height }}>
      <span>noise</span>
      <AxisSlider
        name="Denoising step"
        orientation="vertical"
        max={axis - 1}
        value={frame}
        valueText={denoising}
        onChange={(next) => scrubber.go({ frame: next })}
      />
      <span>digits</span>
    </div>
  );
}
