import { Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";
import { epochWord } from "../../../../../runtime/format.ts";
import { useAppState } from "../../../../shared/AppContext.ts";
import classes from "../Evolution.module.css";
import { useScrubber, useShown, useWords } from "../scrubber.ts";
import { EVENLY_SPACED } from "../text.ts";
import { trainingTicks } from "../trainingAxis.ts";
import { AxisSlider } from "./AxisSlider.tsx";
import { percentAlong } from "./axisPlaces.ts";
import { LossStrip } from "./LossStrip.tsx";
import { ScrubPad } from "./ScrubPad.tsx";

/** The pad, the loss and the slider, aligned: training from left to right. */
export function Axes() {
  const digit = useShown((shown) => shown.digit);
  return (
    <div className={classes.axes}>
      <div className={`column ${classes.gutter}`}>
        <span>noise</span>
        <span>sample {digit + 1}</span>
        <span>digits</span>
      </div>
      <ScrubPad />
      <LossStrip />
      <TrainingSlider />
      <Text size="xs" c="dimmed" lh={1.2} mt={-4} style={{ gridColumn: 2 }}>
        {EVENLY_SPACED}
      </Text>
    </div>
  );
}

const NO_EPOCHS: [] = [];

/** Over all snapshots, evenly spaced, with marks where epochs ended. */
function TrainingSlider() {
  const scrubber = useScrubber();
  const { ref, width } = useElementSize();
  const snapshots = useShown((shown) => shown.snapshots);
  const epochs = useAppState(({ run }) => run?.epochs ?? NO_EPOCHS);
  const word = useAppState((state) => epochWord((state.run ?? state).config));
  const index = useShown((shown) => shown.index);
  const { training } = useWords();
  const max = snapshots.length - 1;
  const { unit, ticks } = useMemo(
    () => trainingTicks(snapshots, epochs, width),
    [snapshots, epochs, width],
  );
  return (
    <>
      <div className={`column ${classes.gutter}`}>
        <span>training</span>
        <span className={classes.figure}>{unit === "epoch" ? word : unit}</span>
      </div>
      <div ref={ref}>
        <AxisSlider
          name="Training"
          orientation="horizontal"
          max={max}
          value={index}
          valueText={training}
          onChange={(next) => scrubber.go({ index: next })}
        >
          {ticks.map((tick) => (
            <span
              key={tick.index}
              className={classes.tick}
              style={{ left: percentAlong(tick.index, max) }}
            >
              {tick.label}
            </span>
          ))}
        </AxisSlider>
      </div>
    </>
  );
}
