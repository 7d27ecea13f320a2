import { Anchor, Text } from "@mantine/core";
import { goToView } from "../../store/address.ts";
import { isTrained } from "../../store/network.ts";
import { withView } from "../../store/view.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { useDenoiseState } from "./DenoiseContext.ts";
import classes from "./Form.module.css";

/** Says that an untrained network makes noise out of noise, where one would be sampled. */
export function Untrained() {
  const { store } = useApp();
  const isCurrent = useDenoiseState(({ settings }) =>
    [settings.a, ...(settings.isComparing ? [settings.b] : [])].some(
      ({ network }) => network.kind === "current",
    ),
  );
  const hasTrained = useAppState(isTrained);
  if (hasTrained || !isCurrent) return null;
  return (
    <Text size="sm" className={classes.note}>
      The network is not trained yet: what it makes of noise is noise.{" "}
      <Anchor
        size="sm"
        href={`?${withView(new URLSearchParams(window.location.search), "train")}`}
        onClick={(event) => {
          event.preventDefault();
          goToView("train");
          store.setState({ view: "train" });
        }}
      >
        Train it first
      </Anchor>
      , or choose a stored run below.
    </Text>
  );
}
