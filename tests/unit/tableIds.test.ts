import { describe, expect, it } from "vitest";
import { HYPERPARAMETERS } from "../../src/engine/config/hyperparameters.ts";
import { PRESETS } from "../../src/engine/config/presets.ts";
import { DATASETS } from "../../src/engine/data/datasets.ts";
import { SCHEDULES } from "../../src/engine/diffusion/noiseSchedules.ts";
import { LOSS_WEIGHTS, OBJECTIVES } from "../../src/engine/diffusion/objectives.ts";
import { SAMPLERS } from "../../src/engine/diffusion/samplers.ts";
import { SPACINGS } from "../../src/engine/diffusion/spacings.ts";
import { TIMESTEP_SAMPLINGS } from "../../src/engine/diffusion/timestepSamplings.ts";
import { FILM_FORMATS } from "../../src/engine/formats/filmFormats.ts";
import { DECAYS } from "../../src/engine/optim/decays.ts";
import { OPTIMIZERS } from "../../src/engine/optim/optimizers.ts";
import { METRICS } from "../../src/engine/train/metrics.ts";
import { RUN_FORMATS } from "../../src/runtime/files/runFormats.ts";
import { codeOf, FILES } from "./sourceFiles.ts";

describe("the tables", () => {
  /** Ids that are also words of something else, such as the start from `noise`. */
  const AMBIGUOUS = ["noise", "x0", "linear", "run", "files", "none"];
  const TABLES = [
    ...[SCHEDULES, OBJECTIVES, LOSS_WEIGHTS, TIMESTEP_SAMPLINGS, SAMPLERS, SPACINGS],
    ...[OPTIMIZERS, DECAYS, METRICS, DATASETS, RUN_FORMATS, FILM_FORMATS, PRESETS],
  ] as object[];
  /** Also the figure's name in `quality.frechetDistance`. */
  const idsIn = (table: object) =>
    Object.keys(table).flatMap((id) => [id, ...id.split(".").slice(-1)]);
  const id = TABLES.flatMap(idsIn)
    .filter((each) => !AMBIGUOUS.includes(each))
    .join("|");
  /** What chooses from a table, and so is compared with no id at all. */
  const chosen = Object.entries(HYPERPARAMETERS)
    .filter(([, entry]) => "options" in entry && TABLES.includes(entry.options))
    .map(([name]) => name);
  const compared = new RegExp(
    [
      `([=!]==|case) "(${id})"`,
      `"(${id})" [=!]==`,
      `"(${id})"[^[\\]]*\\]\\.includes\\(`,
      `\\b(${[...chosen, "samplerKind", "format", "id"].join("|")}) [=!]== "`,
    ].join("|"),
  );

  it.each([
    'if (kind === "heun") return;',
    'case "cosine":',
    '"adamw" !== optimizer',
    '["ddim", "heun"].includes(kind)',
    'config.lossWeight === "none"',
    'dataset.id !== "files"',
    'figure === "frechetDistance"',
  ])("would be compared in %s", (line) => {
    expect(line).toMatch(compared);
  });

  it("are asked for what an entry has: no id is compared elsewhere", () => {
    expect(FILES.filter((file) => compared.test(codeOf(file)))).toEqual([]);
  });
});
