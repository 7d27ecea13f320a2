/** One of the equal parts of [0, T) that losses are grouped by. */
export interface TimestepBucket {
  bucket: number;
  numBuckets: number;
  /** T. */
  numTimesteps: number;
}

/** The first and last integer t with floor(t numBuckets / T) = bucket; there is none when first > last. */
export function bucketTimesteps({ bucket, numBuckets, numTimesteps }: TimestepBucket) {
  const startOf = (part: number) => Math.ceil((part * numTimesteps) / numBuckets);
  return { first: startOf(bucket), last: startOf(bucket + 1) - 1 };
}

/** How many losses by timestep the reports have; 0 where none has any. */
export function numBucketsIn(reports: readonly { bucketLosses?: readonly number[] }[]): number {
  return reports.reduce((most, { bucketLosses = [] }) => Math.max(most, bucketLosses.length), 0);
}
