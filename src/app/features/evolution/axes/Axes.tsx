import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";
import { useAppState } from "../../../shared/AppContext.ts";
import { useScrubber, useShown, useWords } from "../ScrubberContext.ts";
import classes from "./Axes.module.css";
import sliderClasses from "./AxisSlider.module.css";
import { AxisSlider, placeAlong } from "./AxisSlider.tsx";
import { LossStrip } from "./LossStrip.tsx";
import { ScrubPad } from "./ScrubPad.tsx";
import { epochTicks, stepTicks } from "./trainingTicks.ts";

/** Training across, in three lines that lie in line: the pad, the loss, the slider. */
export function Axes() {
  const digit = useShown((shown) => shown?.digit ?? 0);
  const isUneven = useShown((shown) => (shown?.snapshots.length ?? 0) > 2);
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
      <p className={classes.note} data-hidden={!isUneven || undefined}>
        Evenly spaced by snapshot, not by step: early snapshots are fewer steps apart, because more
        changes then.
      </p>
    </div>
  );
}

const NO_EPOCHS: [] = [];
/** What the number of an epoch needs of room, in CSS pixels. */
const LABEL_WIDTH = 30;
/** And that of a step. */
const STEP_WIDTH = 56;

/** Over all snapshots, evenly, with marks where epochs ended. */
function TrainingSlider() {
  const scrubber = useScrubber();
  const { ref, width } = useElementSize();
  const snapshots = useShown((shown) => shown?.snapshots);
  const epochs = useAppState(({ run }) => run?.epochs ?? NO_EPOCHS);
  const index = useShown((shown) => shown?.index ?? 0);
  const { training } = useWords();
  const max = (snapshots?.length ?? 1) - 1;
  const { unit, ticks } = useMemo(() => {
    const ends = epochTicks(snapshots ?? [], epochs, Math.max(1, Math.floor(width / LABEL_WIDTH)));
    if (ends.length > 0) return { unit: "epoch", ticks: ends };
    const maxLabels = Math.max(2, Math.floor(width / STEP_WIDTH));
    return { unit: "step", ticks: stepTicks(snapshots ?? [], maxLabels) };
  }, [snapshots, epochs, width]);
  return (
    <>
      <div className={`column ${classes.gutter}`}>
        <span>training</span>
        <span className={classes.figure}>{unit}</span>
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
              className={sliderClasses.tick}
              style={placeAlong(tick.index, max, "horizontal")}
            >
              {tick.label}
            </span>
          ))}
        </AxisSlider>
      </div>
    </>
  );
}
