/**
 * `npm run test:all` has the tests that are tagged `long`, too, and those that have a short form and a long one take the
 * long one.
 */
export const inFull = process.env.TEST_ALL === "1";
