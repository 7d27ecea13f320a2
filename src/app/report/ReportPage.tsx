import { MantineProvider, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import "../shell/theme/mantine.css";
import "../shell/theme/colors.css";
import "../shell/theme/base.css";
import { namingOf } from "../../engine/data/datasets.ts";
import { takesPoints } from "../../engine/nn/architectures.ts";
import { isRead } from "../../engine/quality/figures.ts";
import type { Report } from "../../runtime/files/readReport.ts";
import { epochWord, formatCount } from "../../runtime/format.ts";
import { Charts } from "../features/results/charts/ChartsView.tsx";
import { Evolution } from "../features/results/evolution/EvolutionView.tsx";
import { Scrubber, ScrubberContext } from "../features/results/evolution/scrubber.ts";
import { ClassHistogram, FigureTable } from "../features/results/quality/Figures.tsx";
import { results } from "../features/runs/compare/DifferenceTable.tsx";
import { AppContext, appHandle, useApp, useAppState } from "../shared/AppContext.ts";
import { ChartsBar } from "../shared/charts/ChartsBar.tsx";
import { ErrorBoundary } from "../shared/parts/ErrorBoundary.tsx";
import { Notices } from "../shared/parts/Notices.tsx";
import { formatOrigin } from "../shared/runs/runFacts.ts";
import { formatTime } from "../shared/runs/when.ts";
import { ColorSchemeButton } from "../shell/ColorSchemeButton.tsx";
import { theme } from "../shell/theme/theme.ts";
import type { AppHandle } from "../state/actions.ts";
import type { AppStore } from "../state/store.ts";
import { Digits } from "./Digits.tsx";
import { PointPictures, Points } from "./Points.tsx";
import classes from "./ReportPage.module.css";
import { Settings } from "./Settings.tsx";

/** What matters of a run, which the store has with its previews, for those who did not train it. */
export function ReportPage({ store, report }: { store: AppStore; report: Report }) {
  // Nothing here asks the app's worker for anything.
  const app = useMemo(() => appHandle(store, {} as AppHandle["client"]), [store]);
  const ofSamples = takesPoints(report.run.config)
    ? [
        { name: "The points", part: <Points report={report} /> },
        { name: "The evolution", part: <PointPictures report={report} /> },
      ]
    : [
        { name: `The ${namingOf(report.run.dataset).noun}s`, part: <Digits report={report} /> },
        { name: "The quality", part: <Quality report={report} /> },
        { name: "The evolution", part: <EvolutionPart report={report} /> },
      ];
  const parts = [
    ...ofSamples,
    { name: "The charts", part: <ChartsPart /> },
    { name: "The settings", part: <Settings report={report} /> },
  ];
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <AppContext value={app}>
        <div className={classes.page}>
          <Head report={report} />
          <Notices />
          <main className={classes.main}>
            {parts.map(({ name, part }) => (
              <ErrorBoundary key={name} part={name}>
                {part}
              </ErrorBoundary>
            ))}
          </main>
          <footer className={classes.foot}>
            Trained and made with Diffusion MNIST, which trains diffusion models in the browser.
          </footer>
        </div>
      </AppContext>
    </MantineProvider>
  );
}

function Head({ report }: { report: Report }) {
  const { title, text, run, savedMs } = report;
  const figures = results([run]).filter(({ values }) => values[0] !== "–");
  return (
    <header>
      <div className={classes.heading}>
        <h1>{title}</h1>
        <ColorSchemeButton />
      </div>
      <Text c="dimmed" mt={8}>
        {run.name === title ? "Preset " : `“${run.name}”, preset `}
        {formatOrigin(report)}
        {`, trained until ${formatTime(savedMs)}.`}
      </Text>
      {text
        .split(/\n\s*\n/)
        .filter((paragraph) => paragraph.trim() !== "")
        .map((paragraph, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may be equal.
          <p key={i} className={classes.text}>
            {paragraph.trim()}
          </p>
        ))}
      <dl className={classes.figures}>
        {figures.map(({ label, values }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{values[0]}</dd>
          </div>
        ))}
      </dl>
    </header>
  );
}

/** What was measured of its samples. */
function Quality({ report: { run, measured } }: { report: Report }) {
  if (!measured) return null;
  return (
    <section className="column" aria-label="Quality">
      <h2>Quality of its samples</h2>
      <Text size="sm" c="dimmed">
        {measured.words}
      </Text>
      <div className={classes.quality}>
        <FigureTable result={measured} />
        {isRead(measured.figures) && (
          <ClassHistogram figures={measured.figures} dataset={measured.dataset} name={run.name} />
        )}
      </div>
    </section>
  );
}

function EvolutionPart({ report }: { report: Report }) {
  const { store } = useApp();
  const [scrubber] = useState(() => new Scrubber(store));
  const { snapshots, numPreviews } = report;
  if (snapshots.length === 0) {
    return (
      <section className="column" aria-label="Evolution">
        <h2>Evolution</h2>
        <p>This run was trained without previews, so there is no evolution to show.</p>
      </section>
    );
  }
  return (
    <section className={classes.evolution} aria-label="Evolution">
      <ScrubberContext value={scrubber}>
        <Evolution isPart>
          {snapshots.length < numPreviews && (
            <Text size="xs" c="dimmed">
              {formatCount(snapshots.length)} of {formatCount(numPreviews)} previews, to keep this
              page small
            </Text>
          )}
        </Evolution>
      </ScrubberContext>
    </section>
  );
}

function ChartsPart() {
  const run = useAppState((state) => state.run);
  return (
    <section className="column" aria-label="Charts">
      <ChartsBar title="Charts" epochs={run ? epochWord(run.config) : "epoch"} />
      <Charts run={run} />
    </section>
  );
}
