import type { Page } from "@playwright/test";
import { expect, LabPage, test } from "./labRun.ts";

type Click = [role: "button" | "link" | "summary" | "label" | "switch", name: string | RegExp];

/**
 * What a person wants, how many clicks it took when all views were tabs beside each other, the clicks that lead there now,
 * and what is seen then; null for a download.
 */
const WANTED: [what: string, before: number, clicks: Click[], sees: string | RegExp | null][] = [
  ["train", 1, [["button", /^Train( my own| a new run)?$/]], "Training"],
  ["another preset", 1, [["label", /^Medium/]], /can train for a few hours/],
  ["the learning rate", 0, [["summary", "Advanced"]], "Learning rate"],
  ["the network's drawing", 1, [["link", "See the network"]], /parameters/],
  ["digits without training", 3, [["link", "Draw"]], /^36 digits by/],
  [
    "a seven",
    1,
    [
      ["link", "Draw"],
      ["button", "7"],
    ],
    /^36 digits of class 7/,
  ],
  [
    "a drawing of one's own",
    2,
    [
      ["link", "Draw"],
      ["label", "Drawing"],
    ],
    "Draw a digit here",
  ],
  [
    "the plane",
    2,
    [
      ["link", "Draw"],
      ["label", "Mix"],
    ],
    "Corners",
  ],
  [
    "another sampler",
    1,
    [
      ["link", "Draw"],
      ["summary", /^Sampler settings/],
    ],
    "Sampler",
  ],
  [
    "two settings",
    2,
    [
      ["link", "Draw"],
      ["switch", "Compare two settings"],
    ],
    /^A /,
  ],
  ["the evolution", 1, [["link", "Results"]], /^After .* steps/],
  [
    "the charts",
    1,
    [
      ["link", "Results"],
      ["link", "Charts"],
    ],
    "Gradient norm",
  ],
  [
    "a measurement",
    2,
    [
      ["link", "Results"],
      ["link", "Quality"],
      ["button", "Measure"],
    ],
    /Cancel/,
  ],
  ["the list of runs", 1, [["link", "Runs"]], "Saved runs"],
  [
    "runs compared",
    1,
    [
      ["link", "Runs"],
      ["link", "Compare"],
    ],
    "Compare runs",
  ],
  [
    "a sweep",
    1,
    [
      ["link", "Runs"],
      ["link", "Sweep"],
    ],
    "Start sweep",
  ],
  [
    "a notebook",
    3,
    [
      ["button", "Export"],
      ["button", /^Jupyter notebook/],
    ],
    null,
  ],
  [
    "the weights",
    2,
    [
      ["button", "Export"],
      ["button", "Download"],
    ],
    null,
  ],
  [
    "a link",
    1,
    [
      ["button", "Export"],
      ["button", /^Copy/],
    ],
    /Copied/,
  ],
  ["the lessons", 1, [["link", "Lessons"]], "Lessons, about"],
  [
    "a projector",
    0,
    [
      ["button", "About this page"],
      ["button", "Present on a projector"],
    ],
    /Esc/,
  ],
];

function control(page: Page, [role, name]: Click) {
  if (role === "summary") return page.locator("summary").filter({ hasText: name });
  if (role === "label") return page.locator("label").filter({ hasText: name });
  // The number of stored runs stands beside the name of their place.
  const isPlace = role === "link" && name === "Runs";
  return page.getByRole(role, isPlace ? { name: /^Runs/ } : { name, exact: true });
}

test("nothing that a person wants is more than one click further away than it was", {
  tag: "@long",
}, async ({ lab, page: ownPage }) => {
  // What it trains is not to be among the runs of other tests.
  const own = new LabPage(ownPage);
  for (const [what, before, clicks, sees] of WANTED) {
    // The projector is new.
    expect(clicks.length, what).toBeLessThanOrEqual(what === "a projector" ? 2 : before + 1);
    const needsRun = ["the evolution", "the charts", "a notebook", "the weights"].includes(what);
    const app = needsRun ? lab : own;
    const { page } = app;
    await app.goToAddress(needsRun ? `run=${lab.runId}` : "preset=tiny");
    await expect(page.getByRole("button", { name: /^WebAssembly/ })).toBeVisible();
    if (needsRun) await expect(app.status).toContainText("Finished after");
    const download = sees === null ? page.waitForEvent("download") : null;
    for (const click of clicks) await control(page, click).first().click();
    await download;
    if (sees === null) continue;
    const shown = page.getByText(sees).or(page.getByRole("img", { name: sees }));
    await expect(shown.filter({ visible: true }).first(), what).toBeVisible();
  }
});
