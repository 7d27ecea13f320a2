import type { Page } from "@playwright/test";
import { expect, test } from "./labRun.ts";

type Click = [role: "button" | "link" | "summary" | "label" | "switch", name: string | RegExp];

/** What a person wants, the clicks that lead there, and how many it took when all views were tabs beside each other. */
const WANTED: [what: string, before: number, clicks: Click[], sees: string | RegExp][] = [
  ["train", 1, [["button", /^Train( my own| a new run)?$/]], "Training"],
  ["another preset", 1, [["label", /^Medium/]], /may train for some hours/],
  ["the learning rate", 0, [["summary", "Advanced"]], "Learning rate"],
  [
    "the network's drawing",
    1,
    [
      ["summary", "Advanced"],
      ["link", "See the network"],
    ],
    /parameters/,
  ],
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
    /ipynb|Jupyter/,
  ],
  [
    "the weights",
    2,
    [
      ["button", "Export"],
      ["button", "Download"],
    ],
    /float32/,
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
  ["the lessons", 1, [["link", "Lessons"]], "Set up"],
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
  tag: "@lab",
}, async ({ lab }) => {
  const { page } = lab;
  for (const [what, before, clicks, sees] of WANTED) {
    // The projector is new.
    expect(clicks.length, what).toBeLessThanOrEqual(what === "a projector" ? 2 : before + 1);
    // Of what needs no run the page has none, so that it begins as for a newcomer.
    const needsRun = ["the evolution", "the charts", "a notebook", "the weights"].includes(what);
    await lab.goToAddress(needsRun ? `run=${lab.runId}` : "preset=tiny");
    await expect(page.getByRole("button", { name: /^WebAssembly/ })).toBeVisible();
    if (needsRun) await expect(lab.status).toContainText("Finished after");
    for (const click of clicks) await control(page, click).first().click();
    const shown = page.getByText(sees).or(page.getByRole("img", { name: sees }));
    await expect(shown.filter({ visible: true }).first(), what).toBeVisible();
  }
});
