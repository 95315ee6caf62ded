/** YAML or JSON that a person wrote, held against a schema: what is wrong, where, and the nearest right word. */
export {};
