/** Where requests run: worker threads; chunks in, parts out; what is done is known after any interruption. */
export {};
