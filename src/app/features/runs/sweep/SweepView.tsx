import { Button, Group, Progress, Text } from "@mantine/core";
import { useState } from "react";
import { rounds, totalBudget } from "../../../../engine/config/sweep.ts";
import { sweepCsv } from "../../../../runtime/files/sweepCsv.ts";
import { counted, formatCount } from "../../../../runtime/format.ts";
import {
  bestOf,
  budgetDone,
  formatRun,
  membersOf,
  nextTask,
  type Sweep,
  type SweepTask,
  seedGroups,
} from "../../../../runtime/run/sweep.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { PauseIcon, PlayIcon } from "../../../shared/icons.tsx";
import formClasses from "../../../shared/network/Form.module.css";
import { useNounOfSet } from "../../../shared/network/useNaming.ts";
import { ViewLink } from "../../../shared/parts/ViewLink.tsx";
import { ACTIONS } from "../../../state/actions.ts";
import { withParams } from "../../../state/address.ts";
import { saveText } from "../../../state/saveFile.ts";
import { noticed } from "../../../state/slices/notices.ts";
import { isReadable } from "../../../state/slices/storedRuns.ts";
import { ParallelCoordinates } from "./ParallelCoordinates.tsx";
import { baseWords, lossNote, planWords } from "./plannedSweep.ts";
import classes from "./Sweep.module.css";
import { SweepForm } from "./SweepForm.tsx";
import { SeedTable, SweepTable } from "./SweepTable.tsx";
import { resumeReason, useSweepQueue, useSweepState } from "./sweepQueue.ts";

/**
 * Many runs, one after the other: what to vary, how far it is, and what they reached. `sweepQueue.ts` has them trained,
 * and keeps their list in the browser, so that the sweep goes on after a reload.
 */
export default function SweepView() {
  const sweep = useSweepState((state) => state.sweep);
  const message = useSweepState((state) => state.message);
  return (
    <div className={formClasses.view} data-begun={sweep !== null || undefined}>
      {!sweep && <SweepForm />}
      <section className={`column ${formClasses.results} ${classes.results}`} aria-label="Results">
        {sweep && <Results sweep={sweep} />}
        {!sweep && (
          <Text maw="44em" c="dimmed">
            Choose what to vary, and press Start sweep. The runs are kept in this browser like any
            other, and you can resume the sweep after a reload. Results will appear here: what each
            run reached and, with several seeds, the mean and its spread.
          </Text>
        )}
        {message && !sweep && <Text role="alert">{message}</Text>}
      </section>
    </div>
  );
}

function Results({ sweep }: { sweep: Sweep }) {
  /** The run under the pointer, in the table or in the picture. */
  const [pointed, setPointed] = useState<number | null>(null);
  const noun = useNounOfSet();
  const note = lossNote(sweep.plan, noun);
  return (
    <>
      <SweepProgress sweep={sweep} />
      <SweepTable sweep={sweep} pointed={pointed} onPoint={setPointed} />
      {note && (
        <Text size="xs" className={formClasses.note}>
          {note}
        </Text>
      )}
      <ParallelCoordinates sweep={sweep} pointed={pointed} onPoint={setPointed} />
      {seedGroups(sweep).length > 0 && <SeedTable sweep={sweep} />}
    </>
  );
}

/** Links to the curves of its runs, also while they train, and to the best one. */
function RunLinks({ sweep }: { sweep: Sweep }) {
  const app = useApp();
  const stored = useAppState((state) => state.stored.runs);
  const runs = sweep.runs.map((of) =>
    stored?.filter(isReadable).find(({ runId }) => runId === of.runId),
  );
  const ids = runs.flatMap((run) => run?.runId ?? []);
  const index = bestOf(sweep);
  const best = index === null ? null : (runs[index] ?? null);
  const reason = useAppState((state) => (best ? ACTIONS.openRun.disabledReason(state) : null));
  return (
    <>
      {ids.length > 1 && (
        <Button
          size="compact-sm"
          component={ViewLink}
          view="compare"
          setUp={(query: URLSearchParams) => withParams(query, "compare", { chosenIds: ids })}
          onClick={() =>
            app.store.setState(({ comparison }) => ({
              comparison: { ...comparison, chosenIds: ids },
            }))
          }
        >
          Compare these
        </Button>
      )}
      {best && (
        <Button
          size="compact-sm"
          disabled={reason !== null}
          title={
            reason ?? `Opens run ${(index ?? 0) + 1}; its settings are those of the next run then`
          }
          onClick={() => {
            ACTIONS.openRun.perform(app, best);
            const number = (index ?? 0) + 1;
            app.store.setState((state) =>
              noticed(
                { ...state, view: "train" as const },
                "The best run is open",
                `Run ${number} of the sweep: Train begins a new run with its settings. To train it further, press Resume under Runs.`,
                { tone: "info" },
              ),
            );
          }}
        >
          Use the best
        </Button>
      )}
    </>
  );
}

function SweepProgress({ sweep }: { sweep: Sweep }) {
  const queue = useSweepQueue();
  const task = useSweepState((state) => state.task);
  const message = useSweepState((state) => state.message);
  const reason = useAppState((state) => resumeReason(state, sweep));
  const isPaused = useAppState(({ run }) => task !== null && run?.status === "paused");
  const [isAsking, setIsAsking] = useState(false);
  const isLeft = nextTask(sweep) !== null;
  const words = task ? taskWords(sweep, task) : restWords(sweep);
  return (
    <>
      <Group gap="sm">
        <h2>Sweep</h2>
        <Text size="sm" role="status" flex="1 1 18em">
          {words}
          {isPaused && ". The run is paused."}
        </Text>
        {(task || isLeft) && (
          // One button, so that the keyboard's focus stays on it.
          <Button
            size="compact-sm"
            variant="filled"
            leftSection={task ? <PauseIcon /> : <PlayIcon />}
            disabled={!task && reason !== null}
            title={(!task && reason) || undefined}
            onClick={() => (task ? queue.pause() : queue.resume())}
          >
            {task ? "Pause sweep" : "Resume sweep"}
          </Button>
        )}
        <RunLinks sweep={sweep} />
        <Button size="compact-sm" onClick={() => saveText("sweep.csv", sweepCsv(sweep))}>
          CSV
        </Button>
        {!task && !isAsking && (
          <Button size="compact-sm" onClick={() => setIsAsking(true)}>
            New sweep…
          </Button>
        )}
        {!task && isAsking && (
          <Group component="fieldset" gap={6} aria-label="Discard this table?">
            <Text size="xs">Discard this table? Its runs stay under Runs.</Text>
            <Button size="compact-sm" variant="filled" color="red" onClick={() => queue.discard()}>
              Discard
            </Button>
            <Button size="compact-sm" onClick={() => setIsAsking(false)}>
              Keep
            </Button>
          </Group>
        )}
      </Group>
      <Progress aria-label="Sweep" value={(100 * budgetDone(sweep)) / totalBudget(sweep.plan)} />
      <Text size="xs" c="dimmed">
        {planWords(sweep.plan)} Everything else as in{" "}
        {baseWords(sweep.plan.preset, sweep.plan.base)}.
      </Text>
      {message && (
        <Text size="sm" role="alert">
          {message}
        </Text>
      )}
      {!task && isLeft && reason !== null && (
        <Text size="xs" c="dimmed">
          {reason}
        </Text>
      )}
    </>
  );
}

/** `Run 4 of 9, round 1 of 3: Learning rate 0.002, Seed 1` */
export function taskWords({ plan }: Sweep, { index, round }: SweepTask): string {
  const { length } = rounds(plan);
  const ofRounds = length > 1 ? `, round ${round + 1} of ${length}` : "";
  return `Run ${index + 1} of ${plan.runs.length}${ofRounds}: ${formatRun(plan.runs[index] ?? {})}`;
}

function doneWords({ plan, runs }: Sweep): string {
  const ends = runs.map(({ results }) => results.at(-1)?.end);
  const numLost = ends.filter((end) => end === "failed" || end === "diverged").length;
  const lost = numLost === 0 ? "" : ` ${numLost} of them did not get through: the table says why.`;
  return `Done: ${formatCount(runs.length)} of ${counted(plan.runs.length, "run")}.${lost}`;
}

/** While nothing is trained. */
export function restWords(sweep: Sweep): string {
  const task = nextTask(sweep);
  if (!task) return doneWords(sweep);
  const members = membersOf(sweep, task.round) ?? [];
  const place = members.indexOf(task.index);
  const ofRound = sweep.plan.halving === null ? "" : " of this round";
  return `Done: ${formatCount(place)} of ${counted(members.length, "run")}${ofRound}. Press Resume sweep to go on.`;
}
