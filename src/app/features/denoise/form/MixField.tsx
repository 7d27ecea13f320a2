import { Button } from "@mantine/core";
import classes from "../../../shared/network/Form.module.css";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import { SliderField } from "./SliderField.tsx";

/** How much of the second of two is in all digits, in place of going from the first to the second. */
export function MixField() {
  const { change } = useDenoise();
  const mix = useDenoiseState((state) => state.settings.mix);
  return (
    <>
      <SliderField
        name="Mix"
        isNamed
        value={mix ?? 0.5}
        words={mix === null ? "from the first to the second" : `${Math.round(100 * mix)} %`}
        onChange={(next) => change({ mix: next })}
      />
      {mix !== null && (
        <div className={classes.help}>
          <Button onClick={() => change({ mix: null })}>All mixtures</Button>
        </div>
      )}
    </>
  );
}
