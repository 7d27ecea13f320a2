import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { SampledNetwork } from "../../../runtime/run/samplingProtocol.ts";
import { isTrained } from "../../state/slices/sampledNetwork.ts";
import { isReadable } from "../../state/slices/storedRuns.ts";
import { useAppState } from "../AppContext.ts";
import { ViewLink } from "../parts/ViewLink.tsx";
import classes from "./Form.module.css";

interface UntrainedProps {
  networks: readonly SampledNetwork[];
  /** What to say of it besides. */
  children?: ReactNode;
}

/** Says that an untrained network makes noise out of noise, where one would be sampled. */
export function Untrained({ networks, children }: UntrainedProps) {
  const hasTrained = useAppState(isTrained);
  const hasStored = useAppState(({ stored }) => stored.runs?.some(isReadable) ?? false);
  if (hasTrained || networks.every(({ kind }) => kind !== "current")) return null;
  return (
    <Text size="sm" className={classes.note}>
      The network is not trained yet, so it turns noise only into noise.{" "}
      <ViewLink view="train">Train it, or use a trained model</ViewLink>
      {hasStored && ", or choose a stored run under Network"}. {children}
    </Text>
  );
}
