import { Anchor, Button, Group, Text } from "@mantine/core";
import { type MouseEvent, useId } from "react";
import { useStore } from "zustand";
import { nextRunConfig } from "../../../engine/config/presets.ts";
import { configFromQuery, configToQuery } from "../../../engine/config/url.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { BusyButton } from "../../shared/BusyButton.tsx";
import { LinkButton } from "../../shared/parts/LinkButton.tsx";
import { ViewLink } from "../../shared/parts/ViewLink.tsx";
import { useAction } from "../../shared/useAction.ts";
import { ACTIONS, type AppHandle } from "../../state/actions.ts";
import { readParams, withParams, writeParams } from "../../state/address.ts";
import { VIEW_LABELS } from "../../state/slices/view.ts";
import type { AppState } from "../../state/state.ts";
import { TRAINED_MODELS, type TrainedModelFile } from "../../state/trainedModels.ts";
import { viewSlice } from "../../state/viewSlices.ts";
import classes from "./LessonsView.module.css";
import {
  COURSES,
  type Course,
  LESSONS,
  type Lesson,
  PLANE_LESSONS,
  type Setup,
} from "./lessons.ts";

/** Courses and experiments: what each sets up, what to look at, and what we found. */
export default function LessonsView() {
  const reason = useAppState(ACTIONS.setUp.disabledReason);
  const headingId = useId();
  return (
    <section className={`column ${classes.view}`} aria-labelledby={headingId}>
      <div>
        <h2 id={headingId}>Lessons, about ten minutes each</h2>
        <Text size="sm" mt={4}>
          A button puts the settings into the form, and you press Train. One epoch of Quick takes
          three to seven minutes on two processor cores. Keep the first run: others are compared
          with it. Guess first, then open the answer: we measured it. Your numbers will differ
          slightly. New to diffusion? Begin with points in the plane, in{" "}
          <Anchor component={ViewLink} view="plane" underline="always">
            2D
          </Anchor>
          : ten seconds of training, and its lessons are further down.
        </Text>
        {reason !== null && (
          <Text size="xs" lh={1.35} mt="xs" px={10} py={6} role="note" className="box">
            {reason}
          </Text>
        )}
        <OwnSettings />
      </div>
      <ol className={classes.lessons}>
        {LESSONS.map((lesson, i) => (
          <LessonItem key={lesson.title} lesson={lesson} number={i + 1} />
        ))}
      </ol>
      <div>
        <h2>Two dimensions, two minutes each</h2>
        <Text size="sm" mt={4}>
          Points in the plane in place of digits: a network learns them in ten seconds, and one sees
          what it has learned.
        </Text>
      </div>
      <ol className={classes.lessons}>
        {PLANE_LESSONS.map((lesson, i) => (
          <LessonItem key={lesson.title} lesson={lesson} number={LESSONS.length + i + 1} />
        ))}
      </ol>
      <h2>Courses</h2>
      <ul className={classes.lessons}>
        {COURSES.map((course) => (
          <CourseItem key={course.title} course={course} />
        ))}
      </ul>
    </section>
  );
}

function LessonItem({ lesson, number }: { lesson: Lesson; number: number }) {
  const { title, question, setups, look, answer, measured } = lesson;
  return (
    <li className={`column ${classes.lesson}`} aria-label={title}>
      <h3>
        {number}. {title}
      </h3>
      <p>{question}</p>
      <Setups setups={setups} />
      <ul className={classes.look}>
        {look.map(({ view, words }) => (
          <li key={view}>
            <Anchor component={ViewLink} view={view} size="sm" underline="always">
              {VIEW_LABELS[view]}
            </Anchor>
            : {words}
          </li>
        ))}
      </ul>
      <details>
        <summary>Answer</summary>
        <p>{answer}</p>
        <Text size="xs" c="dimmed">
          Measured: {measured}
        </Text>
      </details>
    </li>
  );
}

function CourseItem({ course }: { course: Course }) {
  const { title, about, differs, setups, page } = course;
  return (
    <li className={`column ${classes.lesson}`} aria-label={title}>
      <h3>{title}</h3>
      <p>{about}</p>
      <Setups setups={setups} />
      <p>
        <b>What differs:</b> {differs}
      </p>
      <Anchor
        href={page}
        target="_blank"
        rel="noreferrer"
        size="sm"
        underline="always"
        className={classes.page ?? ""}
      >
        {page.replace("https://", "")}
      </Anchor>
    </li>
  );
}

function Setups({ setups }: { setups: readonly Setup[] }) {
  const files = setups.flatMap((setup) => ("model" in setup ? [setup.model] : []));
  return (
    <Group gap={6}>
      {setups.map((setup) =>
        "query" in setup ? (
          <SettingsLink key={setup.label} {...setup} />
        ) : "draw" in setup ? (
          <DrawLink key={setup.label} {...setup} />
        ) : (
          <ModelButton key={setup.label} {...setup} />
        ),
      )}
      {files.length > 0 && <LoadedWords files={files} />}
    </Group>
  );
}

/** Says that one of the networks is there now, since only other views show it. */
function LoadedWords({ files }: { files: readonly TrainedModelFile[] }) {
  const fileName = useAppState(({ weights }) => weights.loaded?.fileName);
  const loaded = files.find((file) => file === fileName);
  return (
    <Text size="xs" c="dimmed" role="status">
      {loaded && `${TRAINED_MODELS[loaded].label} is loaded. Go on to the views below.`}
    </Text>
  );
}

/** A link, so that it can be shared and opened in another tab; a click changes this page's form. */
function SettingsLink({ label, query, plane = "" }: Extract<Setup, { query: string }>) {
  const app = useApp();
  const reason = useAppState(ACTIONS.setUp.disabledReason);
  const isOfPoints = takesPoints(configFromQuery(new URLSearchParams(query)).config);
  const setUp = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (reason !== null) return;
    keepOwn(app, isOfPoints);
    const form = configFromQuery(new URLSearchParams(query));
    if (isOfPoints) writeParams("plane", readParams("plane", new URLSearchParams(plane)));
    ACTIONS.setUp.perform(app, { ...form, words: `“${label}” is set up.`, isFromScratch: true });
  };
  return (
    <Button
      component="a"
      href={`?${[query, ...(isOfPoints ? ["view=plane", plane] : [])].filter(Boolean).join("&")}`}
      size="compact-sm"
      {...(reason !== null && { title: reason, "data-disabled": true, "aria-disabled": true })}
      onClick={setUp}
    >
      {label}
    </Button>
  );
}

/** Opens Draw with these settings, and all others as they are by default. */
function DrawLink({ label, draw }: { label: string; draw: string }) {
  const setUp = (query: URLSearchParams) => {
    const wanted = new URLSearchParams(draw);
    const withOwn = withParams(query, "draw", readParams("draw", wanted));
    return withParams(withOwn, "drawA", readParams("drawA", wanted));
  };
  return (
    <Button component={ViewLink} view="denoise" setUp={setUp} size="compact-sm">
      {label}
    </Button>
  );
}

/** Loads a trained network, whose settings replace those in the form, too. */
function ModelButton({ label, model }: { label: string; model: TrainedModelFile }) {
  const app = useApp();
  const isLoading = useAppState(({ weights }) => weights.loading !== null);
  const { onClick, disabled, title } = useAction<[TrainedModelFile]>(
    ACTIONS.loadTrainedModel,
    model,
  );
  return (
    <BusyButton
      size="compact-sm"
      title={title}
      disabled={disabled}
      isBusy={isLoading}
      onClick={(event) => {
        keepOwn(app, false);
        onClick(event);
      }}
    >
      {label}
    </BusyButton>
  );
}

type Form = Pick<AppState, "preset" | "config">;

declare module "../../state/viewSlices.ts" {
  interface ViewSlices {
    /** The settings that the person made last, before a lesson replaced them; null where there were none. */
    lessons: { ownForm: Form | null };
  }
}

const beginLessons = ({ store }: AppHandle) => viewSlice(store, "lessons", { ownForm: null });

const OFFERED = [...LESSONS, ...PLANE_LESSONS, ...COURSES].flatMap(({ setups }) =>
  setups.flatMap((setup) => ("query" in setup ? [setup.query] : [])),
);

/** Presets, what this view offers and what came with loaded weights are a click away. */
function keepOwn(app: AppHandle, isOfPoints: boolean): void {
  const state = app.store.getState();
  const { loaded } = state.weights;
  const { preset, config }: Form = isOfPoints
    ? { preset: "points", config: state.pointConfig }
    : state;
  const query = configToQuery(preset, config).toString();
  const ofWeights = loaded && configToQuery(preset, nextRunConfig(loaded)).toString();
  const others = [`preset=${preset}`, ofWeights, ...OFFERED];
  if (!others.includes(query)) app.once(beginLessons).setState({ ownForm: { preset, config } });
}

function OwnSettings() {
  const app = useApp();
  const reason = useAppState(ACTIONS.setUp.disabledReason);
  const own = app.once(beginLessons);
  const form = useStore(own, (state) => state.ownForm);
  if (!form) return null;
  const bringBack = () => {
    own.setState({ ownForm: null });
    ACTIONS.setUp.perform(app, { ...form, words: "Your own settings are back." });
  };
  return (
    <Text size="sm" mt="xs">
      Your own settings are kept until you leave the page.{" "}
      <LinkButton size="sm" disabled={reason !== null} onClick={bringBack}>
        Bring them back
      </LinkButton>
    </Text>
  );
}
