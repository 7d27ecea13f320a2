import { Stack } from "@mantine/core";
import { type KeyboardEvent, useId } from "react";
import { GRID_GAP } from "../../../../engine/config/hyperparameters.ts";
import { capitalized } from "../../../../runtime/format.ts";
import type { fitGrid } from "../../../shared/images/digitGrid.ts";
import { ImageGrid, RowNames, useFittedGrid } from "../../../shared/images/ImageGrid.tsx";
import { AxisSlider } from "./Axes.tsx";
import classes from "./Evolution.module.css";
import {
  sampleWords,
  useClassRows,
  useNounOfRun,
  useScrubber,
  useShown,
  useWords,
} from "./scrubber.ts";

/** For the slider beside the digits, with its gap. */
const SLIDER_WIDTH = 84;

/**
 * The digits of the shown snapshot and denoising step, as large as there is room, with the slider from noise to them.
 * A click on one draws its plane.
 */
export function DigitStage() {
  const count = useShown((shown) => shown.snapshot.count);
  const rows = useClassRows();
  const { ref, grid, size } = useFittedGrid(count, rows, { reservedWidth: SLIDER_WIDTH });
  const scrubber = useScrubber();
  const { training, denoising } = useWords();
  const noun = useNounOfRun();
  return (
    <div ref={ref} className={classes.stage}>
      <div style={{ ...size, position: "relative", flex: "none" }}>
        {rows && <RowNames count={count} rows={rows} scale={grid.scale} />}
        <ImageGrid
          pixels={scrubber.pixels}
          subscribe={scrubber.subscribe}
          count={count}
          columns={grid.columns}
          label={`${capitalized(noun)}s ${training}; ${denoising}`}
        />
        <DigitChoice count={count} grid={grid} />
      </div>
      <DenoisingSlider height={size.height} />
    </div>
  );
}

/** One radio button over each digit: whose plane is drawn. */
function DigitChoice({ count, grid }: { count: number; grid: ReturnType<typeof fitGrid> }) {
  const scrubber = useScrubber();
  const chosen = useShown((shown) => shown.digit);
  const rows = useClassRows();
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
      className={`over ${classes.digitChoice}`}
      aria-label="Sample whose whole evolution is drawn"
      style={{ gridTemplateColumns: `repeat(${columns}, 1fr)`, gap: GRID_GAP * grid.scale }}
      onKeyDown={onKeyDown}
    >
      {Array.from({ length: count }, (_, digit) => (
        <input
          // biome-ignore lint/suspicious/noArrayIndexKey: a digit is its place.
          key={digit}
          type="radio"
          name={name}
          aria-label={sampleWords(digit, rows)}
          title={`${sampleWords(digit, rows)}: show its whole evolution`}
          checked={digit === chosen}
          onChange={() => scrubber.choose(digit)}
        />
      ))}
    </fieldset>
  );
}

function DenoisingSlider({ height }: { height: number }) {
  const scrubber = useScrubber();
  const axis = useShown((shown) => shown.axis);
  const frame = useShown((shown) => shown.frame);
  const { denoising } = useWords();
  return (
    <Stack gap={0} align="center" w={44} style={{ height }} fz="xs" c="dimmed">
      <span>noise</span>
      <AxisSlider
        name="Denoising step"
        orientation="vertical"
        max={axis - 1}
        value={frame}
        valueText={denoising}
        onChange={(next) => scrubber.go({ frame: next })}
      />
      <span>samples</span>
    </Stack>
  );
}
