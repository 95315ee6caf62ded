/** The shares of a time, or of a number, and the times that several rules go by, each with its reason. */

/** What explains less of the waiting is within what a busy machine does by itself. */
export const LEAST_BLAMED = 0.2;

/** From half on, one thing is what a time was mostly spent on, or what most of a number did. */
export const MOSTLY = 0.5;

/** So many make a habit: a login, or a first page, that is done otherwise does not hide it. */
export const NEARLY_ALL = 0.8;

/** While others wait, a slot that is freed is taken again at once: so much of the time at least, all are taken. */
export const MOSTLY_FULL = 0.6;

/** A run that could be faster by less than this factor differs as much from the next run of the same program ... */
export const LEAST_FACTOR = 1.25;
/** ... and a shorter lost time is noticed by nobody. */
export const LEAST_LOST_US = 300_000;

/** A shorter wait is the work of handing over. */
export const HANDOVER_US = 1_000;

/**
 * A request that begins within this part of the mean distance between two of them, after another one has ended, follows
 * that end: of requests that begin at random, one in four does so by chance.
 */
export const AT_ONCE = 0.25;
