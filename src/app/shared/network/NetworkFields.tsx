import { NativeSelect } from "@mantine/core";
import { type ChosenNetwork, networkKey, networkOfKey } from "../../state/address.ts";
import { hasAverage } from "../../state/slices/sampledNetwork.ts";
import { useAppState } from "../AppContext.ts";
import { Explain } from "../explain/Explain.tsx";
import { configOf, networkFor } from "./chosenNetwork.ts";
import classes from "./Form.module.css";
import { nameOf, networkChoices } from "./networkChoices.ts";
import { SamplingField } from "./SamplingField.tsx";
import { useNetworks } from "./useNetworks.ts";

interface NetworkFieldsProps {
  network: ChosenNetwork;
  weights: string | null;
  error: string | undefined;
  /** Whether there is a note on averaged weights. */
  hasNote: boolean;
  onChange: (changes: { network?: ChosenNetwork; weights?: string }) => void;
}

/** Which network is sampled, and which of its weights where there are two. */
export function NetworkFields({ network, weights, error, hasNote, onChange }: NetworkFieldsProps) {
  const networks = useNetworks();
  const currentHasAverage = useAppState(hasAverage);
  const config = configOf(networkFor(network, networks, "noise"), networks);
  const isStored = network.kind === "stored";
  const isAveraged = isStored
    ? (config?.emaDecay ?? 0) > 0
    : network.kind === "current" && currentHasAverage;
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
          <SamplingField
            name="weights"
            className={classes.row}
            text={{ weights }}
            config={config}
            onChange={onChange}
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
