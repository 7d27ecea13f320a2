import { Button } from "@mantine/core";
import classes from "../../../shared/network/Form.module.css";
import { mixWords } from "../text.ts";
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
        words={mixWords(mix)}
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
