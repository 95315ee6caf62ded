/** Style sheets that a view imports: esbuild puts them into the one of the page. */
declare module '*.css';
