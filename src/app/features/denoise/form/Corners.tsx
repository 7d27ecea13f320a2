import { Text } from "@mantine/core";
import { configOf } from "../../../shared/network/chosenNetwork.ts";
import classes from "../../../shared/network/Form.module.css";
import { useNetworks } from "../../../shared/network/useNetworks.ts";
import { NumberField } from "../../../shared/parts/NumberField.tsx";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";

/** What the corners of the plane are; of a network without classes that cannot be chosen. */
export function Corners() {
  const session = useDenoise();
  const corners = useDenoiseState((state) => state.settings.corners);
  const network = useDenoiseState((state) => state.settings.a.network);
  const networks = useNetworks();
  const error = useDenoiseState(() => session.requests(networks).errors.corners);
  const hasClasses = (configOf(network, networks)?.classes ?? 0) > 0;
  return (
    <>
      {hasClasses && (
        <NumberField
          label="Corners"
          className={classes.row}
          text={corners}
          error={error}
          onChange={(text) => session.change({ corners: text })}
        />
      )}
      <Text size="xs" c="dimmed" {...(hasClasses && { className: classes.help })}>
        {hasClasses
          ? "Four classes, and in between all mixtures of them. With one class the corners are different noise."
          : "At the corners are the first four digits of this seed, and in between all mixtures of their noise."}
      </Text>
    </>
  );
}
