import { Stack } from "@mantine/core";
import { useEffect } from "react";
import { useAppState } from "../../../shared/AppContext.ts";
import formClasses from "../../../shared/network/Form.module.css";
import { writeParams } from "../../../state/address.ts";
import { MeasureForm } from "./MeasureForm.tsx";
import { Measurement } from "./Measurement.tsx";
import classes from "./QualityView.module.css";
import { shownEvaluation, useQuality, useQualityState } from "./quality.ts";
import { SamplerComparison } from "./SamplerComparison.tsx";
import { INTRODUCTION } from "./text.ts";

/** How good a network's samples are: whether digits are recognized, all ten appear, and none is a copy. */
export default function QualityView() {
  const store = useQuality();
  const done = useAppState((state) => state.evaluation.done);
  const shown = shownEvaluation(
    done,
    useQualityState((state) => state.shownId),
  );
  // So that a link brings the settings back.
  useEffect(() => {
    return store.subscribe(({ settings }, before) => {
      if (settings !== before.settings) writeParams("quality", settings);
    });
  }, [store]);
  return (
    <div className={formClasses.view}>
      <MeasureForm />
      <div className={`${formClasses.results} ${classes.results}`}>
        {shown ? (
          <Measurement key={shown.request.requestId} evaluation={shown} />
        ) : (
          <Stack gap="sm" maw="44em" c="dimmed" style={{ gridColumn: "1 / -1" }}>
            {INTRODUCTION.map((words) => (
              <p key={words}>{words}</p>
            ))}
          </Stack>
        )}
        <SamplerComparison />
      </div>
    </div>
  );
}
