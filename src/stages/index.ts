/** The stories of lab/, live: programs run side by side, and what was expected held against what came. */
export {};
