import { useEffect, useMemo } from "react";
import { rewriteAddress } from "../../store/address.ts";
import { withDenoise } from "../../store/denoiseAddress.ts";
import { denoiseSession } from "../../store/denoiseSession.ts";
import { useApp } from "../AppContext.ts";
import { DenoiseContext, useDenoise } from "./DenoiseContext.ts";
import classes from "./DenoiseView.module.css";
import { GenerateForm } from "./GenerateForm.tsx";
import { PickedDigit } from "./PickedDigit.tsx";
import { Stage } from "./Stage.tsx";
import { useFilm } from "./useFilm.ts";
import { useKeys } from "./useKeys.ts";

/** Digits on their way out of noise, step by step, in one or two generations. */
export default function DenoiseView() {
  const app = useApp();
  const session = useMemo(() => denoiseSession(app), [app]);
  return (
    <DenoiseContext value={session}>
      <View />
    </DenoiseContext>
  );
}

function View() {
  useSettingsInAddress();
  useFilm();
  useKeys();
  return (
    <div className={classes.view}>
      <GenerateForm />
      <Stage />
      <PickedDigit />
    </div>
  );
}

/** So that a link brings them back. */
function useSettingsInAddress() {
  const { store } = useDenoise();
  useEffect(() => {
    return store.subscribe(({ settings }, before) => {
      if (settings !== before.settings) rewriteAddress((query) => withDenoise(query, settings));
    });
  }, [store]);
}
