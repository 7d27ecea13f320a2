import { NativeSelect } from "@mantine/core";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import type { SampledNetwork, WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import { hasAverage } from "../../state/slices/sampledNetwork.ts";
import { useAppState } from "../AppContext.ts";
import { Explain } from "../explain/Explain.tsx";
import { Choices, NumberField } from "../parts/NumberField.tsx";
import { configOf, defaultSteps, networkKey, networkOfKey } from "./chosenNetwork.ts";
import classes from "./Form.module.css";
import { nameOf, networkChoices } from "./networkChoices.ts";
import { useNetworks } from "./useNetworks.ts";
import { WHICH_WEIGHTS } from "./weightsWords.ts";

interface NetworkFieldsProps {
  network: SampledNetwork;
  weights: WeightsChoice;
  error: string | undefined;
  /** Whether there is a note on averaged weights. */
  hasNote: boolean;
  onChange: (changes: { network?: SampledNetwork; weights?: WeightsChoice }) => void;
}

/** Which network is sampled, and which of its weights where there are two. */
export function NetworkFields({ network, weights, error, hasNote, onChange }: NetworkFieldsProps) {
  const networks = useNetworks();
  const currentHasAverage = useAppState(hasAverage);
  const isCurrent = network.kind === "current";
  const config = configOf(network, networks);
  const isAveraged = isCurrent ? currentHasAverage : (config?.emaDecay ?? 0) > 0;
  const choices = networkChoices(networks, network);
  const key = networkKey(network);
  return (
    <>
      <NativeSelect
        label="Network"
        // Its name is long, and what tells checkpoints apart is its end.
        className={classes.network ?? ""}
        data={choices}
        value={key}
        // Where the field is too narrow for its name.
        title={nameOf(choices, key)}
        error={error}
        onChange={({ currentTarget }) => {
          const chosen = networkOfKey(currentTarget.value);
          if (chosen) onChange({ network: chosen });
        }}
      />
      {isAveraged && (
        <>
          <NativeSelect
            label="Weights"
            classNames={{ root: classes.row ?? "" }}
            data={WHICH_WEIGHTS}
            value={weights}
            onChange={({ currentTarget }) =>
              onChange({ weights: currentTarget.value === "raw" ? "raw" : "ema" })
            }
          />
          {hasNote && (
            <div className={classes.help}>
              <Explain note="ema" isNamed />
            </div>
          )}
        </>
      )}
    </>
  );
}

const FEW_STEPS = [5, 10, 50];

interface StepsFieldProps {
  /** As typed; null until then: the steps of the page's settings. */
  steps: string | null;
  /** Settings of the network; null when it is no longer there. */
  config: RunConfig | null;
  error: string | null | undefined;
  onChange: (changes: { steps: string }) => void;
}

/** In how many steps a network is sampled. */
export function StepsField({ steps, config, error, onChange }: StepsFieldProps) {
  const change = (text: string) => onChange({ steps: text });
  const few = FEW_STEPS.filter((number) => number <= (config?.timesteps ?? 1));
  return (
    <NumberField
      label="Steps"
      className={classes.row}
      text={steps ?? (config ? defaultSteps(config) : "")}
      error={error}
      end={<Choices unit="steps" numbers={few} onChoose={change} />}
      endWidth={104}
      onChange={change}
    />
  );
}
