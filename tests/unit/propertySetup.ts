/** Before the tests of each file: what fast-check draws is the same every time, but in `npm run test:all`. */
import fc from "fast-check";
import { inFull } from "../inFull.ts";

// A rare counterexample is for the nightly run, not for the next who pushes; its report has the seed.
if (!inFull) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 1 });
