import { expect, test } from "@playwright/test";
import type { Rung } from "../../src/engine/ops/webgpu/tuning.ts";
import { type DevPage, openDevPage } from "./devServer.ts";
import type { FaultName } from "./driverFaults.ts";

let dev: DevPage;

test.beforeAll(async ({ browser }) => {
  dev = await openDevPage(browser);
});

test.afterAll(() => dev.close());

/** What a device on a rung says of a driver, see `failureOf`. */
const CASES: [Rung, FaultName | null, RegExp | null][] = [
  ["card", null, null],
  ["card", "subgroups of another size", /wrong/],
  ["card", "gradients of kernels that are zero", /by being zero/],
  ["card", "roots that are no numbers", /loss is NaN.*not finite/],
  ["card", "tiles that begin at a wrong place", /wrong/],
  ["card", "a barrier that does not hold", /wrong/],
  ["card", "a program that leaves in its buffer what was there", /wrong/],
  ["card", "quotients that are rounded up", /wrong/],
  ["safe", null, null],
  ["safe", "gradients of kernels that are zero", /by being zero/],
  ["safe", "roots that are no numbers", /loss is NaN.*not finite/],
  ["safe", "a program that leaves in its buffer what was there", /wrong/],
  ["safe", "quotients that are rounded up", /wrong/],
];

for (const [rung, fault, expected] of CASES) {
  test(`before it trains a device on the rung ${rung} finds out about ${fault ?? "nothing where all is right"}`, {
    tag: "@long",
  }, async () => {
    // The first of a rung compiles all of its programs.
    test.setTimeout(180_000);
    const check = ([of, name]: [Rung, FaultName | null]) => window.gpu.check(of, name);
    const found = await dev.page.evaluate(check, [rung, fault] as [Rung, FaultName | null]);
    if (expected) expect(found).toMatch(expected);
    else expect(found).toBeNull();
  });
}
