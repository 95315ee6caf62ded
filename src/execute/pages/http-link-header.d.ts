/** Of the library only what is used here: it comes without types. */
declare module 'http-link-header' {
  export default class LinkHeader {
    static parse(value: string): LinkHeader;
    rel(relation: string): { readonly uri: string; readonly anchor?: string }[];
  }
}
