import { ActionIcon, Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useApp, useAppState } from "./AppContext.ts";
import { ShuffleIcon } from "./icons.tsx";
import classes from "./SamplePanel.module.css";

const MAX_COUNT = 100;
const MAX_SEED = 4_294_967_295;

/** How many digits, in how many steps, from which noise; Sample, which becomes Cancel. */
export function SampleForm() {
  const { client } = useApp();
  const config = useAppState((state) => state.run?.config ?? state.config);
  const isSampling = useAppState((state) => state.samples.requestedId !== null);
  const isReady = useAppState((state) => state.backend.status === "ready");
  const [countText, setCountText] = useState("32");
  /** Null until typed: the steps of the settings. */
  const [timestepsText, setTimestepsText] = useState<string | null>(null);
  const [seedText, setSeedText] = useState("0");

  const count = wholeNumber(countText, 1, MAX_COUNT);
  const timesteps = wholeNumber(
    timestepsText ?? String(config.samplingTimesteps),
    1,
    config.timesteps,
  );
  const seed = wholeNumber(seedText, 0, MAX_SEED);
  const request =
    count === null || timesteps === null || seed === null ? null : { count, timesteps, seed };

  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isSampling) client.cancelSample();
        else if (request) client.sample(request);
      }}
    >
      <NumberField
        label="Digits"
        text={countText}
        error={count === null && `1 to ${MAX_COUNT}`}
        onChange={setCountText}
        rightSection={
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={`${MAX_COUNT} digits`}
            onClick={() => setCountText(String(MAX_COUNT))}
          >
            {MAX_COUNT}
          </Button>
        }
      />
      <NumberField
        label="Steps"
        text={timestepsText ?? String(config.samplingTimesteps)}
        error={timesteps === null && `1 to ${config.timesteps}`}
        onChange={setTimestepsText}
      />
      <NumberField
        label="Seed"
        text={seedText}
        error={seed === null && "0 to 2^32 - 1"}
        onChange={setSeedText}
        rightSection={
          <ActionIcon
            variant="subtle"
            aria-label="Random seed"
            title="Other noise"
            onClick={() => setSeedText(String(Math.floor(1e6 * Math.random())))}
          >
            <ShuffleIcon />
          </ActionIcon>
        }
      />
      <Button
        type="submit"
        size="sm"
        className={classes.submit}
        variant={isSampling ? "default" : "light"}
        disabled={!isSampling && (request === null || !isReady)}
      >
        {isSampling ? "Cancel" : "Sample"}
      </Button>
    </form>
  );
}

interface NumberFieldProps {
  label: string;
  text: string;
  error: string | false;
  onChange: (text: string) => void;
  rightSection?: React.ReactNode;
}

function NumberField({ label, text, error, onChange, rightSection }: NumberFieldProps) {
  return (
    <TextInput
      size="xs"
      label={label}
      inputMode="numeric"
      autoComplete="off"
      value={text}
      error={error}
      rightSection={rightSection}
      {...(rightSection ? { rightSectionWidth: 42 } : {})}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Null when the text is no whole number from `min` to `max`. */
function wholeNumber(text: string, min: number, max: number): number | null {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isInteger(value) && value >= min && value <= max ? value : null;
}
