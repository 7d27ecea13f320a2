import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { ChosenNetwork } from "../../state/address.ts";
import { isTrained } from "../../state/slices/sampledNetwork.ts";
import { useAppState } from "../AppContext.ts";
import { ViewLink } from "../parts/ViewLink.tsx";
import classes from "./Form.module.css";

interface UntrainedProps {
  networks: readonly ChosenNetwork[];
  /** What to say of it besides. */
  children?: ReactNode;
}

/** Says that an untrained network makes noise out of noise, where one is chosen. */
export function Untrained({ networks, children }: UntrainedProps) {
  const hasTrained = useAppState(isTrained);
  if (hasTrained || networks.every(({ kind }) => kind !== "untrained")) return null;
  return (
    <Text size="sm" className={classes.note}>
      This network is not trained, so it turns noise only into noise.{" "}
      <ViewLink view="train">Train it</ViewLink>, or choose another under Network. {children}
    </Text>
  );
}
