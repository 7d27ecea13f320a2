import { Text } from "@mantine/core";
import { shownSides } from "../../store/denoiseSettings.ts";
import { isTrained } from "../../store/network.ts";
import { useAppState } from "../AppContext.ts";
import { ViewLink } from "../ViewLink.tsx";
import { useDenoiseState } from "./DenoiseContext.ts";
import classes from "./Form.module.css";

/** Says that an untrained network makes noise out of noise, where one would be sampled. */
export function Untrained() {
  const isCurrent = useDenoiseState(({ settings }) =>
    shownSides(settings).some((side) => settings[side].network.kind === "current"),
  );
  const hasTrained = useAppState(isTrained);
  if (hasTrained || !isCurrent) return null;
  return (
    <Text size="sm" className={classes.note}>
      The network is not trained yet: what it makes of noise is noise.{" "}
      <ViewLink view="train">Train it first</ViewLink>, or choose a stored run below.
    </Text>
  );
}
