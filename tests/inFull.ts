/** `npm run test:all`: tests that have a short form and a long one take the long one. */
export const inFull = process.env.TEST_ALL === "1";
