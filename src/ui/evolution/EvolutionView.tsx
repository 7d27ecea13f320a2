import { Anchor } from "@mantine/core";
import { useEffect, useState } from "react";
import { goToView } from "../../store/address.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { Explain } from "../explain/Explain.tsx";
import { DigitStage } from "./DigitStage.tsx";
import classes from "./Evolution.module.css";
import { ExportControls } from "./ExportControls.tsx";
import { FilmControls } from "./FilmControls.tsx";
import { LossStrip } from "./LossStrip.tsx";
import { PlanePicture } from "./PlanePicture.tsx";
import { ScrubberContext } from "./ScrubberContext.ts";
import { ScrubPad } from "./ScrubPad.tsx";
import { Scrubber } from "./scrubber.ts";
import { TrainingSlider } from "./TrainingSlider.tsx";
import { useFilm } from "./useFilm.ts";
import { useScrubKeys } from "./useScrubKeys.ts";
import { useWords } from "./useWords.ts";

/** The same noise, denoised by the weights as they changed: training across, denoising down. */
export default function EvolutionView() {
  const isEmpty = useAppState((state) => state.evolution.snapshots.length === 0);
  const runId = useAppState((state) => state.evolution.runId);
  const { store } = useApp();
  const [scrubber] = useState(() => new Scrubber(store));
  const [shownRunId, setShownRunId] = useState(runId);
  useEffect(() => {
    if (runId === shownRunId) return;
    setShownRunId(runId);
    scrubber.reset();
  }, [runId, shownRunId, scrubber]);
  useEffect(() => () => scrubber.leave(), [scrubber]);
  return <ScrubberContext value={scrubber}>{isEmpty ? <Empty /> : <Evolution />}</ScrubberContext>;
}

function Evolution() {
  const film = useFilm();
  useScrubKeys(film.toggle);
  return (
    <div className={classes.view}>
      <header className={classes.head}>
        <h2>Evolution</h2>
        <Explain note="evolution" />
        <Caption />
        <ExportControls film={film} />
      </header>
      <DigitStage />
      <PlanePicture />
      <section className={classes.timeline} aria-label="Training and denoising">
        <FilmControls film={film} />
        <div className={classes.axes}>
          <div className={classes.gutter}>
            <span>noise</span>
            <span>digits</span>
          </div>
          <ScrubPad />
          <LossStrip />
          <TrainingSlider />
        </div>
      </section>
    </div>
  );
}

function Caption() {
  const { training, denoising } = useWords();
  return (
    <p className={classes.caption}>
      <b>{training.slice(0, 1).toUpperCase() + training.slice(1)}</b>
      <span>{denoising}</span>
    </p>
  );
}

function Empty() {
  const { store } = useApp();
  return (
    <div className={classes.empty}>
      <h2>Evolution</h2>
      <p>
        While a run trains, the same noise is turned into digits again and again. Here you will go
        through all of it: how the digits come out of the noise, and how they came to do so.
      </p>
      <Anchor
        href="?"
        onClick={(event) => {
          event.preventDefault();
          goToView("train");
          store.setState({ view: "train" });
        }}
      >
        Go to Train
      </Anchor>
    </div>
  );
}
