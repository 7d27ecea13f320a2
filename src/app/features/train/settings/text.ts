/** What people read around the settings; what is said of each is in the table of hyperparameters. */

export const LOCKED = "Locked until the run is stopped.";
