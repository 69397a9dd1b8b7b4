/** What counts as soon: the chance that a product is bought within so many days orders what a person may buy again. */
const soonDays = 14;
/**
 * How steeply products come due. Intervals are known of those who came back only; who has not yet makes the true distribution wider
 * than theirs.
 */
const steepness = 1.2;
/** What the chance counts for right after a purchase; it counts fully when the product is due. */
const early = 0.6;
/** A product is due a little before the interval is over: it has to be delivered. */
export const dueFrom = 0.8;

/** The chance that a purchase comes within two weeks if it has not come in so many days, intervals being log-logistic. */
export function chanceSoon(elapsedDays: number, intervalDays: number): number {
  const waiting = (days: number) => 1 / (1 + (days / intervalDays) ** steepness);
  return 1 - waiting(elapsedDays + soonDays) / waiting(elapsedDays);
}

/** Nobody wants to be reminded of what has just arrived, even who might take more of it. */
export function timeliness(ripeness: number): number {
  return ripeness >= dueFrom ? 1 : early + ((1 - early) * ripeness) / dueFrom;
}
