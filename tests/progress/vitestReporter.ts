import { DefaultReporter, type TestModule, type TestSpecification } from "vitest/node";
import { FileProgress } from "./fileProgress.ts";

/** Vitest's own reporter, with a line a file that says how far it is. */
export default class VitestReporter extends DefaultReporter {
  #progress = new FileProgress("unit tests", 0);

  constructor() {
    super({ summary: false });
  }

  override onTestRunStart(specifications: readonly TestSpecification[]) {
    super.onTestRunStart(specifications);
    this.#progress = new FileProgress("unit tests", specifications.length);
  }

  protected override printTestModule(testModule: TestModule) {
    const failed = [...testModule.children.allTests("failed")];
    const seconds = testModule.diagnostic().duration / 1000;
    this.#progress.fileDone(
      testModule.relativeModuleId,
      seconds,
      Math.max(failed.length, testModule.ok() ? 0 : 1),
    );
  }
}
