import { NativeSelect } from "@mantine/core";
import type { SampledNetwork, WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import {
  configOf,
  hasAverage,
  networkKey,
  networkOfKey,
} from "../../state/slices/sampledNetwork.ts";
import { useAppState } from "../AppContext.ts";
import { Explain } from "../explain/Explain.tsx";
import classes from "./Form.module.css";
import { nameOf, networkChoices } from "./networkChoices.ts";
import { useNetworks } from "./useNetworks.ts";
import { WEIGHTS_CHOICES } from "./weightsChoices.ts";

interface NetworkFieldsProps {
  network: SampledNetwork;
  weights: WeightsChoice;
  error: string | undefined;
  /** Whether it is told what averaged weights are. */
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
        size="xs"
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
            size="xs"
            label="Weights"
            classNames={{ root: classes.row ?? "" }}
            data={WEIGHTS_CHOICES}
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
