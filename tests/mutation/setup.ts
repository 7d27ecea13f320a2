import fc from "fast-check";

// That a property fails is enough; looking for its smallest counterexample takes longer than all tests.
fc.configureGlobal({ endOnFailure: true });
