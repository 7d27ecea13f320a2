import { Alert, SegmentedControl, Stack, Text } from "@mantine/core";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { formatBytes, formatCount } from "../../../runtime/format.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { savePicture } from "../../shared/charts/pngOfElement.ts";
import { LinkButton } from "../../shared/parts/LinkButton.tsx";
import { readParams, writeParams } from "../../state/address.ts";
import { BlockTable, BlockTensors } from "./BlockTables.tsx";
import { DRAWING, formatShort } from "./blockWords.ts";
import { Inside } from "./inside/Inside.tsx";
import classes from "./ModelView.module.css";
import { type NetworkFigures, networkFigures } from "./networkFigures.ts";
import { SettingChoices } from "./SettingChoices.tsx";
import { type SettingChoice, settingChoices } from "./settingChoices.ts";
import { type NetworkOwner, networkErrors, shownNetwork } from "./shownNetwork.ts";
import { UnetDrawing } from "./UnetDrawing.tsx";

const BYTES_PER_PARAMETER = 4;

/** The U-Net of the run or of the settings, drawn from its configuration. */
export default function ModelView() {
  const run = useAppState((state) => state.run);
  const formConfig = useAppState((state) => state.config);
  const [chosen, setChosen] = useState<NetworkOwner | null>(null);
  const headingId = useId();
  const { owner, config, hasChoice } = shownNetwork({ run, config: formConfig }, chosen);
  const errors = networkErrors(config);
  return (
    <section className={`column ${classes.view}`} aria-labelledby={headingId}>
      <div className={`row ${classes.head}`}>
        <h2 id={headingId}>
          {owner === "run" ? "Network of this run" : "Network from current settings"}
          {owner === "run" && run && (
            <Text span inherit fw={400} c="dimmed">
              {" "}
              {run.name}
            </Text>
          )}
        </h2>
        {hasChoice && (
          <SegmentedControl
            aria-label="Whose network"
            data={[
              { value: "run", label: "Run" },
              { value: "settings", label: "Settings" },
            ]}
            value={owner}
            onChange={setChosen}
          />
        )}
      </div>
      {errors.length > 0 ? (
        <Alert color="red" title="These settings do not make a valid network">
          {errors.join(" ")} Correct them under Train, Settings, Network.
        </Alert>
      ) : (
        <Network config={config} onTaken={() => setChosen("settings")} />
      )}
    </section>
  );
}

function Network({ config, onTaken }: { config: RunConfig; onTaken: () => void }) {
  const { store } = useApp();
  const [opened] = useState(() => readParams("model").block);
  const [selectedName, setSelectedName] = useState(opened ?? "init_conv");
  const [looksInside, setLooksInside] = useState(opened !== null);
  const pictureRef = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<SettingChoice | null>(null);
  const network = useMemo(() => networkFigures(config), [config]);
  const [first] = useState(config);
  const choices = useMemo(() => settingChoices(config, network, first), [config, network, first]);
  // With fewer levels the block may no longer exist.
  const selected =
    network.figures.find(({ block }) => block.name === selectedName) ?? network.figures[0];
  const block = looksInside && selected ? selected.block.name : null;
  // So that the panel is open again after another view, a reload and in a link.
  useEffect(() => writeParams("model", { block }), [block]);
  // The choice pointed at may have been taken, or belong to another network.
  const other = pointed && !pointed.isCurrent && choices.includes(pointed) ? pointed : null;
  const saveDrawing = () =>
    pictureRef.current &&
    savePicture(store, pictureRef.current, `unet-${network.parameters}-parameters.png`);
  if (!selected) return null;
  return (
    <>
      <Totals network={network} />
      <div className={classes.columns}>
        <div>
          <Text size="xs" c="dimmed" mb="xs">
            {DRAWING.help} <LinkButton onClick={saveDrawing}>Save PNG</LinkButton>
          </Text>
          <UnetDrawing
            network={network}
            objective={config.objective}
            selected={selected.block.name}
            touched={other?.touched ?? null}
            onSelect={setSelectedName}
            onOpen={() => setLooksInside(true)}
            pictureRef={pictureRef}
          />
        </div>
        <Stack gap="md" miw={0}>
          {looksInside && (
            <Inside figures={selected} config={config} onClose={() => setLooksInside(false)} />
          )}
          <BlockTensors figures={selected} />
          <SettingChoices
            choices={choices}
            pointed={other}
            onPoint={setPointed}
            onTaken={onTaken}
          />
        </Stack>
      </div>
      <BlockTable network={network} />
    </>
  );
}

function Totals({ network }: { network: NetworkFigures }) {
  const { parameters, multiplyAdds, numTensors, figures } = network;
  const totals = {
    Parameters: formatCount(parameters),
    "In float32": formatBytes(BYTES_PER_PARAMETER * parameters),
    "Multiply-adds per image": formatShort(multiplyAdds),
    Blocks: formatCount(figures.length),
    Tensors: formatCount(numTensors),
  };
  return (
    <dl className="row" style={{ columnGap: "var(--mantine-spacing-xl)" }} aria-live="polite">
      {Object.entries(totals).map(([name, value]) => (
        // Each is as wide as the longest number, so that its neighbors do not move.
        <Stack key={name} gap={0} miw={84}>
          <Text component="dt" size="xs" c="dimmed">
            {name}
          </Text>
          <Text component="dd" size="lg" fw={600} lh={1.2}>
            {value}
          </Text>
        </Stack>
      ))}
    </dl>
  );
}
