import { Button, NativeSelect, Switch, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { useAppState } from "../../../shared/AppContext.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { Fold } from "../../../shared/network/Fold.tsx";
import classes from "../../../shared/network/Form.module.css";
import { Untrained } from "../../../shared/network/Untrained.tsx";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { ignoreDoubleClick } from "../../../shared/onFirstClick.ts";
import { DigitsField, SeedField } from "../../../shared/parts/NumberField.tsx";
import { ACTIONS } from "../../../state/actions.ts";
import { type DenoiseState, isGenerating } from "../state/denoise.ts";
import { requestsOf } from "../state/denoiseSession.ts";
import { type StartKind, shownSides } from "../state/denoiseSettings.ts";
import { STARTS, settingsWords } from "../text.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import { Progress } from "./Progress.tsx";
import { SideFields } from "./SideFields.tsx";
import { StartImage } from "./StartImage.tsx";

/** What is drawn, from what, and how; Generate, which becomes Cancel. */
export function GenerateForm() {
  const session = useDenoise();
  const { store, change } = session;
  const settings = useDenoiseState((state) => state.settings);
  const images = useDenoiseState((state) => state.images);
  const strokes = useDenoiseState((state) => state.strokes);
  const isBusy = useDenoiseState(isGenerating);
  const networks = useNetworks();
  const disabledReason = useAppState(ACTIONS.generate.disabledReason);
  const { errors } = useMemo(
    () => requestsOf({ settings, images, strokes }, networks),
    [settings, images, strokes, networks],
  );
  const { start: missing, ...wrong } = errors;
  const isWrong = Object.keys(wrong).length > 0;
  // What is drawn, or chosen, is an answer to what was missing.
  const [triedWith, setTriedWith] = useState<DenoiseState | null>(null);
  const hasTried = triedWith?.settings.start === settings.start && triedWith.strokes === strokes;

  return (
    <form
      className={`column ${classes.form}`}
      aria-label="What to generate"
      onSubmit={(event) => {
        event.preventDefault();
        if (isBusy) session.cancel();
        else if (missing) setTriedWith(store.getState());
        else if (!isWrong && disabledReason === null) session.generate();
      }}
    >
      <div className={`${classes.fields} ${classes.apart}`}>
        <div className={classes.beginning}>
          <Text component="h2" size="lg" lh={1.3} fw={600} className={classes.heading}>
            Denoise
          </Text>
          <Untrained networks={shownSides(settings).map((side) => settings[side].network)} />
          <NativeSelect
            size="xs"
            label="Start from"
            classNames={{ root: classes.row ?? "" }}
            data={STARTS}
            value={settings.start}
            onChange={({ currentTarget }) => change({ start: currentTarget.value as StartKind })}
          />
          {settings.start === "pair" && <Explain note="interpolation" isNamed />}
          <StartImage />
        </div>
        <Fold words={settingsWords(settings)} isWrong={isWrong}>
          <DigitsField
            className={classes.row}
            text={settings.digits}
            error={errors.digits}
            onChange={(digits) => change({ digits })}
          />
          <SeedField
            className={classes.row}
            text={settings.seed}
            error={errors.seed}
            onChange={(seed) => change({ seed })}
          />
          <Switch
            size="xs"
            label="Compare two settings on the same noise"
            checked={settings.isComparing}
            onChange={({ currentTarget }) => change({ isComparing: currentTarget.checked })}
          />
          {shownSides(settings).map((side) => (
            <SideFields key={side} side={side} errors={errors} />
          ))}
        </Fold>
      </div>
      <div className={`${classes.submit} ${classes.atBottom}`}>
        <Button
          type="submit"
          fullWidth
          variant={isBusy ? "default" : "filled"}
          disabled={!isBusy && (isWrong || disabledReason !== null)}
          // The second would cancel what the first asked for.
          onClick={ignoreDoubleClick}
        >
          {isBusy ? "Cancel" : ACTIONS.generate.label}
        </Button>
        <Progress
          disabledReason={
            disabledReason ?? (isWrong ? CORRECT : hasTried ? (missing ?? null) : null)
          }
        />
      </div>
    </form>
  );
}

const CORRECT = "Correct the fields marked red.";
