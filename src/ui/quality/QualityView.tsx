import { useEffect } from "react";
import { rewriteAddress } from "../../store/address.ts";
import { shownEvaluation } from "../../store/quality.ts";
import { withQuality } from "../../store/qualitySettings.ts";
import { useAppState } from "../AppContext.ts";
import { MeasureForm } from "./MeasureForm.tsx";
import { Measurement } from "./Measurement.tsx";
import { NothingMeasured } from "./NothingMeasured.tsx";
import classes from "./QualityView.module.css";
import { useQuality, useQualityState } from "./useQuality.ts";

/** How good the samples of a network are: sure of a classifier, of all digits, and no copies. */
export default function QualityView() {
  useSettingsInAddress();
  const done = useAppState((state) => state.evaluation.done);
  const shownId = useQualityState((state) => state.shownId);
  const shown = shownEvaluation({ done }, shownId);
  return (
    <div className={classes.view}>
      <MeasureForm />
      <div className={classes.results}>
        {shown ? (
          <Measurement key={shown.request.evaluationId} evaluation={shown} />
        ) : (
          <NothingMeasured />
        )}
      </div>
    </div>
  );
}

/** So that a link brings them back. */
function useSettingsInAddress() {
  const store = useQuality();
  useEffect(() => {
    return store.subscribe(({ settings }, before) => {
      if (settings !== before.settings) rewriteAddress((query) => withQuality(query, settings));
    });
  }, [store]);
}
