import { chainedIn, isAgain } from '../chains.ts';
import { ofScene, type Scene, type Seen } from '../scene/scene.ts';

/** Names of parameters that say where in a list an answer begins: RFC 8288 `next` links carry these. */
const PLACE =
  /^(?:p|pg|page(?:_?(?:no|num|number|index|token))?|offset|skip|start|from|after|before|since|until|cursor|next(?:_?(?:page|token))?|marker|continuation|scroll_?id|(?:since|max|last)_?id)$/i;

/**
 * What is to be said of requests that may each come out of the answer before them: one list's next page. Where the
 * recorder does not know that they do, URLs that differ in nothing but their place in a list say that they may.
 */
export const pagesFact = ofScene((scene: Scene): string | undefined => {
  const { judgement } = scene;
  const exchanges = scene.exchanges.filter(({ exchange }) => !isAgain(exchange));
  if (judgement.overlap !== 'serial' || judgement.step !== 'wanted' || exchanges.length < 2) return undefined;
  const chained = chainedIn(scene.evidence);
  const known = exchanges.filter(({ exchange }) => chained.has(exchange)).length;
  if (known >= exchanges.length / 2)
    return `${known} of ${exchanges.length} URLs came out of the answer before them: these can't be requested at the same time.`;
  if (exchanges.slice(1).every(({ exchange: { from } }) => from !== undefined)) return undefined;
  const pages = pagesOf(exchanges);
  return pages === undefined
    ? undefined
    : `The URLs look like pages of one list (${pages}): if each comes out of the answer before it, nothing is wrong. If they are known beforehand, request all of them at once.`;
});

/** 'page=1, then page=2' */
function pagesOf(exchanges: readonly Seen[]): string | undefined {
  const urls = exchanges.flatMap(urlOf);
  if (urls.length < exchanges.length) return undefined;
  const [one, other] = urls.slice(-2) as [URL, URL]; // the first page may name no place
  const parameter = differsIn(one, other);
  if (parameter === undefined || !PLACE.test(parameter)) return undefined;
  const placeOf = ({ searchParams }: URL): string => `${parameter}=${searchParams.get(parameter)}`;
  const places = new Set(urls.map(placeOf)).size;
  const others = new Set(urls.map((url) => restOf(url, parameter))).size;
  return places === urls.length && others === 1 ? `${placeOf(one)}, then ${placeOf(other)}` : undefined;
}

function urlOf({ exchange: { url } }: Seen): URL[] {
  return url !== undefined && URL.canParse(url) ? [new URL(url)] : [];
}

/** The only parameter in which two URLs differ. */
function differsIn(one: URL, other: URL): string | undefined {
  const names = new Set([...one.searchParams.keys(), ...other.searchParams.keys()]);
  const different = [...names].filter((name) => one.searchParams.get(name) !== other.searchParams.get(name));
  return different.length === 1 ? different[0] : undefined;
}

function restOf(url: URL, parameter: string): string {
  const rest = new URL(url);
  rest.searchParams.delete(parameter);
  return rest.href;
}
