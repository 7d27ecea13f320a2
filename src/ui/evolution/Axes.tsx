import classes from "./Axes.module.css";
import { LossStrip } from "./LossStrip.tsx";
import { useShown } from "./ScrubberContext.ts";
import { ScrubPad } from "./ScrubPad.tsx";
import { TrainingSlider } from "./TrainingSlider.tsx";

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
        Evenly spaced by snapshot, not by step: the early ones are fewer steps apart, because more
        changes there.
      </p>
    </div>
  );
}
