/** The shares of a time, or of a number, that several rules go by, each with its reason. */

/** What explains less of the waiting is within what a busy machine does by itself. */
export const LEAST_BLAMED = 0.2;

/** From half on, one thing is what a time was mostly spent on, or what most of a number did. */
export const MOSTLY = 0.5;

/** So many make a habit: a login, or a first page, that is done otherwise does not hide it. */
export const NEARLY_ALL = 0.8;

/** While others wait, a slot that is freed is taken again at once: so much of the time at least, all are taken. */
export const MOSTLY_FULL = 0.6;
